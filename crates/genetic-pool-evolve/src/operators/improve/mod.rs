//! Local search on one genome, before it is evaluated.

mod or_two_opt;

use std::fmt;

pub use self::or_two_opt::OrTwoOpt;
use crate::{random::Stream, space::GenomeMut};

/// A problem's own local search.
///
/// It is called for every child of a memetic algorithm, for several at once on as many threads, before the child is a
/// candidate: what is evaluated, recorded and digested is the improved genome.
pub trait Improve: fmt::Debug + Send + Sync {
    /// Makes `genome` better, or leaves it as it is. It stays a point of its space: one that does not is put back.
    ///
    /// A function of the genome and of `stream`, which is the candidate's own.
    fn improve(&self, genome: GenomeMut<'_>, stream: &mut Stream);
}
