//! Maths that decides: the same bits on every host and at every vector width.
