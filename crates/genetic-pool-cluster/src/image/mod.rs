//! The image of head and workers: what goes into it, how it is built, what is in it.
