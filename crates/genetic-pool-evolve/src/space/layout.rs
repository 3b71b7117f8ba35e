//! Where each parameter's genes stand in the columns of [`Genomes`](super::Genomes).

use serde::{Deserialize, Serialize};

use super::{Domain, Parameter};

/// The columns a genome is stored in: one contiguous block per kind of gene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// `f64`: reals, as the evaluation sees them (natural units, already on their step).
    Real,
    /// `i64`: whole numbers, and the indices of ordinals and choices.
    Int,
    /// Packed bits, least significant first.
    Bit,
    /// `u32`: items of permutations and sequences, one after the other.
    Permutation,
}

/// The genes of one parameter: `len` of them from `start`, counted in genes within `column`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Which column.
    pub column: Column,
    /// First gene.
    pub start: usize,
    /// How many genes.
    pub len: usize,
}

/// How many genes of each kind one row holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// Reals.
    pub reals: usize,
    /// Whole numbers, ordinals, choices.
    pub ints: usize,
    /// Bits; a row takes `bits.div_ceil(64)` words.
    pub bits: usize,
    /// Items of permutations and sequences.
    pub items: usize,
    /// Parameters in the activity mask; 0 where every parameter always counts.
    pub maskable: usize,
}

impl Shape {
    /// Words of packed bits a row takes.
    pub fn bit_words(&self) -> usize {
        self.bits.div_ceil(64)
    }

    /// Words of activity mask a row takes.
    pub fn mask_words(&self) -> usize {
        self.maskable.div_ceil(64)
    }
}

/// The layout of a space: one [`Segment`] per parameter, and the shape of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Layout {
    /// In the order of the parameters.
    pub segments: Vec<Segment>,
    /// The shape of a row.
    pub shape: Shape,
}

impl Layout {
    pub(super) fn new(parameters: &[Parameter]) -> Layout {
        let mut shape = Shape::default();
        let segments = parameters
            .iter()
            .map(|parameter| {
                let len = parameter.genes();
                let (column, total) = match &parameter.domain {
                    Domain::Real { .. } => (Column::Real, &mut shape.reals),
                    Domain::Int { .. } | Domain::Ordinal { .. } | Domain::Choice { .. } => {
                        (Column::Int, &mut shape.ints)
                    }
                    Domain::Bit => (Column::Bit, &mut shape.bits),
                    Domain::Permutation { .. } | Domain::Sequence { .. } => (Column::Permutation, &mut shape.items),
                };
                let start = *total;
                *total += len;
                Segment { column, start, len }
            })
            .collect();
        if parameters.iter().any(|parameter| !parameter.when.is_empty()) {
            shape.maskable = parameters.len();
        }
        Layout { segments, shape }
    }
}
