//! Two parents, two children.
