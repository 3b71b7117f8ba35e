//! What takes long on each child, done for many at once: slow crossovers, and a problem's own local search.

use std::sync::Arc;

use super::arrangements::{Arrangements, Room};
use crate::{
    operators::improve::Improve,
    parallel,
    random::{Geometric, Purpose, Stream},
    space::{GenomeMut, Genomes, Space},
};

/// Breeds permutations and sequences, and improves whole genomes.
///
/// Every pair of children has chance of its own, so that it does not matter which thread works on it.
#[derive(Clone, Debug)]
pub(super) struct Improvement {
    seed: u64,
    island: u16,
    arrangements: Arrangements,
    places: Geometric,
    improve: Option<Arc<dyn Improve>>,
}

impl Improvement {
    /// With chance from `seed` and `island`, and the probability `mutation` that an item mutates.
    pub(super) fn new(
        (seed, island): (u64, u16),
        arrangements: Arrangements,
        mutation: f64,
        improve: Option<Arc<dyn Improve>>,
    ) -> Improvement {
        Improvement { seed, island, arrangements, places: Geometric::new(mutation), improve }
    }

    /// Makes the rows of `offspring`, pairs of copies of parents as far as permutations and sequences go, the children
    /// of candidate numbers from `first` on.
    pub(super) fn breed(&self, space: &Space, first: u64, offspring: &mut Genomes, crossed: &[bool]) {
        let mut rows = offspring.rows_mut(space).into_iter();
        let mut pairs = Vec::with_capacity(crossed.len());
        while let (Some(a), Some(b)) = (rows.next(), rows.next()) {
            pairs.push([a, b]);
        }
        parallel::for_each(pairs, Room::default, |room, pair, [mut a, mut b]| {
            let first = first + 2 * pair as u64;
            self.cross(first, crossed[pair], [a.items, b.items], room);
            self.improve_genome(first, &mut a);
            self.improve_genome(first + 1, &mut b);
        });
        for row in 0..offspring.rows {
            space.update_activity(offspring, row);
        }
    }

    /// Makes the first of the two rows of `pair` candidate `index`.
    pub(super) fn breed_one(&self, space: &Space, index: u64, pair: &mut Genomes, crossed: bool) {
        let width = pair.shape.items;
        let (a, b) = pair.items.split_at_mut(width);
        self.cross(index, crossed, [a, b], &mut Room::default());
        self.improve_one(space, index, pair, 0);
    }

    fn cross(&self, first: u64, crossed: bool, items: [&mut [u32]; 2], room: &mut Room) {
        if !self.arrangements.is_empty() {
            let stream = |purpose| Stream::new(self.seed, self.island, purpose, first);
            self.arrangements.breed(stream, crossed, self.places, items, room);
        }
    }

    /// Improves those of `genomes` that are `wanted`, which are the candidates from `first` on.
    pub(super) fn improve(
        &self,
        space: &Space,
        first: u64,
        genomes: &mut Genomes,
        wanted: impl Fn(usize) -> bool + Sync,
    ) {
        if self.improve.is_none() {
            return;
        }
        parallel::for_each(
            genomes.rows_mut(space),
            || (),
            |(), row, mut genome| {
                if wanted(row) {
                    self.improve_genome(first + row as u64, &mut genome);
                }
            },
        );
        for row in 0..genomes.rows {
            space.update_activity(genomes, row);
        }
    }

    /// Improves row `row` of `genomes`, candidate `index`.
    pub(super) fn improve_one(&self, space: &Space, index: u64, genomes: &mut Genomes, row: usize) {
        self.improve_genome(index, &mut genomes.row_mut(space, row));
        space.update_activity(genomes, row);
    }

    fn improve_genome(&self, index: u64, genome: &mut GenomeMut<'_>) {
        if let Some(improve) = &self.improve {
            let mut stream = Stream::new(self.seed, self.island, Purpose::Improve, index);
            genome.guarded(|genome| improve.improve(genome, &mut stream));
        }
    }
}
