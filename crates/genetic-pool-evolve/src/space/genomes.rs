//! Many genomes, stored by column.

use serde::{Deserialize, Serialize};

use super::layout::Shape;

/// `rows` genomes, one contiguous row-major block per kind of gene.
///
/// The blocks are plain data: their lengths are `rows` times the shape's, which every method keeps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Genomes {
    /// What one row holds.
    pub shape: Shape,
    /// How many rows.
    pub rows: usize,
    /// `rows × shape.reals`.
    pub reals: Vec<f64>,
    /// `rows × shape.ints`.
    pub ints: Vec<i64>,
    /// `rows × shape.bit_words()`; bits past `shape.bits` are 0.
    pub bits: Vec<u64>,
    /// `rows × shape.items`.
    pub items: Vec<u32>,
    /// `rows × shape.mask_words()`: bit `p` is set where parameter `p` counts; empty where all always do.
    pub active: Vec<u64>,
}

macro_rules! for_each_column {
    ($self:ident, $do:ident $(, $argument:expr)*) => {
        $do!(reals, $self.shape.reals $(, $argument)*);
        $do!(ints, $self.shape.ints $(, $argument)*);
        $do!(bits, $self.shape.bit_words() $(, $argument)*);
        $do!(items, $self.shape.items $(, $argument)*);
        $do!(active, $self.shape.mask_words() $(, $argument)*);
    };
}

impl Genomes {
    /// `rows` rows of zeros.
    pub fn new(shape: Shape, rows: usize) -> Genomes {
        let mut genomes = Genomes { shape, ..Genomes::default() };
        genomes.resize(rows);
        genomes
    }

    /// Whether the columns have the lengths that shape and rows ask for.
    pub fn is_consistent(&self) -> bool {
        let mut consistent = true;
        macro_rules! check {
            ($column:ident, $width:expr) => {
                consistent &= $width.checked_mul(self.rows) == Some(self.$column.len());
            };
        }
        for_each_column!(self, check);
        consistent
    }

    /// Makes it `rows` rows long: cut, or filled up with zeros.
    pub fn resize(&mut self, rows: usize) {
        macro_rules! resize {
            ($column:ident, $width:expr) => {
                self.$column.resize(rows * $width, Default::default());
            };
        }
        for_each_column!(self, resize);
        self.rows = rows;
    }

    /// No rows, keeping the room; rows of another shape may follow.
    pub fn clear(&mut self, shape: Shape) {
        self.resize(0);
        self.shape = shape;
    }

    /// Appends the rows `range` of `other`, which has the same shape.
    pub fn extend(&mut self, other: &Genomes, range: std::ops::Range<usize>) {
        debug_assert_eq!(self.shape, other.shape);
        macro_rules! extend {
            ($column:ident, $width:expr) => {
                self.$column.extend_from_slice(&other.$column[range.start * $width..range.end * $width]);
            };
        }
        for_each_column!(self, extend);
        self.rows += range.len();
    }

    /// Overwrites row `to` with row `from` of `other`, which has the same shape.
    pub fn copy_row(&mut self, to: usize, other: &Genomes, from: usize) {
        debug_assert_eq!(self.shape, other.shape);
        macro_rules! copy {
            ($column:ident, $width:expr) => {
                self.$column[to * $width..(to + 1) * $width]
                    .copy_from_slice(&other.$column[from * $width..(from + 1) * $width]);
            };
        }
        for_each_column!(self, copy);
    }
}
