//! Ray's HTTP interface: jobs, packages, nodes.
