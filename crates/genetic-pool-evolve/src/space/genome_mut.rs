//! One genome, to be changed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Genomes, Space};

/// The genes of one row of [`Genomes`], by column.
#[derive(Debug)]
pub struct GenomeMut<'a> {
    /// The space it is a point of.
    pub space: &'a Space,
    /// Its reals, in the order of the parameters, vectors laid flat.
    pub reals: &'a mut [f64],
    /// Its whole numbers, and the indices of its ordinals and choices.
    pub ints: &'a mut [i64],
    /// Its bits, packed, least significant first.
    pub bits: &'a mut [u64],
    /// The items of its permutations and sequences, one after the other.
    pub items: &'a mut [u32],
}

impl GenomeMut<'_> {
    /// The same genome, lent for a while.
    pub fn reborrow(&mut self) -> GenomeMut<'_> {
        GenomeMut { space: self.space, reals: self.reals, ints: self.ints, bits: self.bits, items: self.items }
    }

    /// Has `change` change it, and puts it back as it was where that panics or leaves what is no point of the space.
    pub(crate) fn guarded(&mut self, change: impl FnOnce(GenomeMut<'_>)) {
        let before = (self.reals.to_vec(), self.ints.to_vec(), self.bits.to_vec(), self.items.to_vec());
        let changed = catch_unwind(AssertUnwindSafe(|| change(self.reborrow())));
        if changed.is_err() || !self.space.accepts_genes(self.reals, self.ints, self.bits, self.items) {
            self.reals.copy_from_slice(&before.0);
            self.ints.copy_from_slice(&before.1);
            self.bits.copy_from_slice(&before.2);
            self.items.copy_from_slice(&before.3);
        }
    }
}

impl Genomes {
    /// Row `row`, to be changed.
    pub fn row_mut<'a>(&'a mut self, space: &'a Space, row: usize) -> GenomeMut<'a> {
        let shape = self.shape;
        GenomeMut {
            space,
            reals: &mut self.reals[row * shape.reals..][..shape.reals],
            ints: &mut self.ints[row * shape.ints..][..shape.ints],
            bits: &mut self.bits[row * shape.bit_words()..][..shape.bit_words()],
            items: &mut self.items[row * shape.items..][..shape.items],
        }
    }

    /// Every row, to be changed on its own: on threads of their own, for instance. Activity masks are not among what is
    /// lent: [`Space::update_activity`] renews them.
    pub fn rows_mut<'a>(&'a mut self, space: &'a Space) -> Vec<GenomeMut<'a>> {
        let shape = self.shape;
        let mut reals = self.reals.as_mut_slice();
        let mut ints = self.ints.as_mut_slice();
        let mut bits = self.bits.as_mut_slice();
        let mut items = self.items.as_mut_slice();
        let mut rows = Vec::with_capacity(self.rows);
        for _ in 0..self.rows {
            // Not chunks, of which there are none where a column is empty.
            macro_rules! next {
                ($column:ident, $width:expr) => {{
                    let (row, rest) = $column.split_at_mut($width);
                    $column = rest;
                    row
                }};
            }
            rows.push(GenomeMut {
                space,
                reals: next!(reals, shape.reals),
                ints: next!(ints, shape.ints),
                bits: next!(bits, shape.bit_words()),
                items: next!(items, shape.items),
            });
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use crate::space::{Domain, Parameter, Space};

    #[test]
    fn rows_are_lent_one_by_one() {
        let space = Space::new(vec![
            Parameter::new("x", Domain::real(0.0, 1.0)).len(2),
            Parameter::new("flag", Domain::Bit),
            Parameter::new("tour", Domain::Permutation { size: 3 }),
        ])
        .unwrap();
        let mut genomes = space.genomes(3);
        for (row, genome) in genomes.rows_mut(&space).into_iter().enumerate() {
            genome.reals.fill(row as f64);
            genome.bits.fill(row as u64);
            genome.items[2] = row as u32;
            assert!(genome.ints.is_empty());
        }
        assert_eq!(genomes.reals, [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]);
        assert_eq!(genomes.bits, [0, 1, 2]);
        assert_eq!(genomes.items, [0, 0, 0, 0, 0, 1, 0, 0, 2]);
    }

    #[test]
    fn what_spoils_a_genome_is_undone() {
        let space = Space::new(vec![Parameter::new("tour", Domain::Permutation { size: 3 })]).unwrap();
        let mut genomes = space.genomes(1);
        genomes.items = vec![1, 0, 2];
        let mut genome = genomes.row_mut(&space, 0);
        genome.guarded(|genome| genome.items.fill(1));
        genome.guarded(|genome| {
            genome.items.reverse();
            panic!("in the middle of it");
        });
        assert_eq!(genome.items, [1, 0, 2]);
        genome.guarded(|genome| genome.items.reverse());
        assert_eq!(genome.items, [2, 0, 1]);
    }
}
