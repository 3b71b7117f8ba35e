//! Who become parents.
