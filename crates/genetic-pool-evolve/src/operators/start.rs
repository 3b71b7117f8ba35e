//! Where a search begins.

use std::fmt;

use crate::{random::Stream, space::GenomeMut};

/// A rule for the candidates that a population begins with, in place of uniform chance.
pub trait Start: fmt::Debug + Send + Sync {
    /// Makes `genome`, a uniform random point of its space, candidate `index` of those a population begins with.
    ///
    /// It stays a point of its space: one that does not is put back. All chance is that of `stream`, the candidate's
    /// own.
    fn start(&self, genome: GenomeMut<'_>, index: u64, stream: &mut Stream);
}
