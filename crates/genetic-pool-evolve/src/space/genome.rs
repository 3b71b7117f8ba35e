//! One genome, borrowed.

use super::{Column, Domain, Genomes, Level, Space};

/// One row of [`Genomes`], read through its [`Space`].
#[derive(Clone, Copy, Debug)]
pub struct Genome<'a> {
    space: &'a Space,
    genomes: &'a Genomes,
    row: usize,
}

/// The value of a parameter, or of one element of a vector.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// A real.
    Real(f64),
    /// A whole number.
    Int(i64),
    /// A bit.
    Bit(bool),
    /// A level of an ordinal or a choice.
    Level(&'a Level),
    /// A permutation of `0..size`.
    Permutation(&'a [u32]),
    /// A sequence of values that repeat.
    Sequence(&'a [u32]),
    /// A vector: the parameter has `len`.
    Vector(Vec<Value<'a>>),
}

impl<'a> Genome<'a> {
    /// Row `row` of `genomes`, which are of `space`.
    pub fn new(space: &'a Space, genomes: &'a Genomes, row: usize) -> Genome<'a> {
        debug_assert!(row < genomes.rows);
        Genome { space, genomes, row }
    }

    /// The space it is a point of.
    pub fn space(&self) -> &'a Space {
        self.space
    }

    /// All its reals, in the order of the parameters, vectors laid flat.
    pub fn reals(&self) -> &'a [f64] {
        let width = self.genomes.shape.reals;
        &self.genomes.reals[self.row * width..][..width]
    }

    /// All its whole numbers, and the indices of its ordinals and choices.
    pub fn ints(&self) -> &'a [i64] {
        let width = self.genomes.shape.ints;
        &self.genomes.ints[self.row * width..][..width]
    }

    /// All its bits, packed, least significant first.
    pub fn bits(&self) -> &'a [u64] {
        let width = self.genomes.shape.bit_words();
        &self.genomes.bits[self.row * width..][..width]
    }

    /// Bit `index`.
    pub fn bit(&self, index: usize) -> bool {
        self.bits()[index / 64] >> (index % 64) & 1 == 1
    }

    /// The items of its permutations, one after the other: of the permutation, where there is one.
    pub fn permutation(&self) -> &'a [u32] {
        let width = self.genomes.shape.items;
        &self.genomes.items[self.row * width..][..width]
    }

    /// The items of its sequences, one after the other: of the sequence, where there is one. Permutations stand among
    /// them, as both are one kind of gene.
    pub fn sequence(&self) -> &'a [u32] {
        self.permutation()
    }

    /// Whether parameter `index` counts here.
    pub fn active(&self, index: usize) -> bool {
        let width = self.genomes.shape.mask_words();
        width == 0 || self.genomes.active[self.row * width + index / 64] >> (index % 64) & 1 == 1
    }

    /// The value of the parameter called `name`; `None` where there is none or it does not count here.
    pub fn get(&self, name: &str) -> Option<Value<'a>> {
        let index = self.space.find(name)?;
        self.active(index).then(|| self.value(index))
    }

    /// The value of parameter `index`, whether or not it counts.
    pub fn value(&self, index: usize) -> Value<'a> {
        let parameter = &self.space.parameters()[index];
        let segment = self.space.layout().segments[index];
        let items = || &self.permutation()[segment.start..][..segment.len];
        match parameter.domain {
            Domain::Permutation { .. } => return Value::Permutation(items()),
            Domain::Sequence { .. } => return Value::Sequence(items()),
            _ => {}
        }
        let element = |gene: usize| match (&parameter.domain, segment.column) {
            (_, Column::Real) => Value::Real(self.reals()[gene]),
            (_, Column::Bit) => Value::Bit(self.bit(gene)),
            (Domain::Ordinal { levels } | Domain::Choice { levels }, _) => {
                Value::Level(&levels[self.ints()[gene] as usize])
            }
            _ => Value::Int(self.ints()[gene]),
        };
        match parameter.len {
            None => element(segment.start),
            Some(len) => Value::Vector((segment.start..segment.start + len).map(element).collect()),
        }
    }

    /// The parameters that count here, by name, in order.
    pub fn values(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        let genome = *self;
        self.space
            .parameters()
            .iter()
            .enumerate()
            .filter(move |(index, _)| genome.active(*index))
            .map(move |(index, parameter)| (parameter.name.as_str(), genome.value(index)))
    }
}
