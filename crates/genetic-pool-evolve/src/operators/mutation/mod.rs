//! Small changes of one genome.
