//! What stands between this machine and a cluster, each finding with its remedy.
