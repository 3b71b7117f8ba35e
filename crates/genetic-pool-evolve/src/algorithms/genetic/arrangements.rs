//! Crossover and mutation of permutations and sequences.

use std::{ops::Range, sync::Arc};

use crate::{
    algorithms::{
        ConfigError,
        arrangement::{CrossoverOperator, Moves, MutationOperator},
    },
    operators::{
        Operators,
        crossover::{Crossover, job_order::JobOrder, order},
        mutation::Mutation,
    },
    random::{Geometric, Purpose, Stream},
    space::{Domain, Space},
};

/// Breeds the permutations and sequences of pairs of children.
///
/// Where no operators are named: order crossover of each permutation, job-based order crossover of each sequence, and an
/// inversion or an insertion, evenly, in place of their items' mutations.
#[derive(Clone, Debug)]
pub(in crate::algorithms) struct Arrangements {
    parts: Vec<Part>,
    mutation: Option<Arc<dyn Mutation>>,
    /// What becomes of a child on which no mutation has fallen.
    unchanged: Unchanged,
}

/// What becomes of a child on which no mutation has fallen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::algorithms) enum Unchanged {
    /// It stays as it is.
    Stays,
    /// It moves once.
    Moves,
    /// It moves once where it is what its parent was.
    MovesIfCopy,
}

/// A permutation or a sequence.
#[derive(Clone, Debug)]
struct Part {
    /// Where its items stand in the column.
    items: Range<usize>,
    crossover: Cross,
}

#[derive(Clone, Debug)]
enum Cross {
    /// In room that is used again and again.
    Order,
    Other(Arc<dyn Crossover>),
}

/// What work on many pairs uses again and again.
#[derive(Clone, Debug, Default)]
pub(in crate::algorithms) struct Room {
    order: order::Room,
    parents: Vec<u32>,
}

impl Arrangements {
    /// The operators for `space`: those that are named, of what `operators` brings along.
    pub(in crate::algorithms) fn new(
        space: &Space,
        operators: &Operators,
        crossover: Option<CrossoverOperator>,
        mutation: Option<MutationOperator>,
        unchanged: Unchanged,
    ) -> Result<Arrangements, ConfigError> {
        let named = crossover.map(|crossover| crossover.find(operators, space)).transpose()?;
        let crossover = named.or_else(|| operators.crossover.clone());
        let named = mutation.map(|mutation| mutation.find(operators, space)).transpose()?;
        let mutation = named.or_else(|| operators.mutation.clone());
        let mut parts = Vec::new();
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            let crossover = match (&parameter.domain, &crossover) {
                (Domain::Permutation { .. } | Domain::Sequence { .. }, Some(crossover)) => {
                    Cross::Other(Arc::clone(crossover))
                }
                (Domain::Permutation { .. }, None) => Cross::Order,
                (Domain::Sequence { .. }, None) => Cross::Other(Arc::new(JobOrder)),
                _ => continue,
            };
            parts.push(Part { items: segment.start..segment.start + segment.len, crossover });
        }
        Ok(Arrangements { parts, mutation, unchanged })
    }

    /// Whether the space has none.
    pub(in crate::algorithms) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Makes `a` and `b`, the items of two parents, those of their children: crosses them if `crossed`, then mutates
    /// them, a move at each of the `places` that are hit.
    ///
    /// Chance is a function of `seed`, `island` and `first`, the index of the first child.
    pub(in crate::algorithms) fn breed(
        &self,
        stream: impl Fn(Purpose) -> Stream,
        crossed: bool,
        places: Geometric,
        [a, b]: [&mut [u32]; 2],
        room: &mut Room,
    ) {
        if self.unchanged == Unchanged::MovesIfCopy {
            room.parents.clear();
            room.parents.extend_from_slice(a);
            room.parents.extend_from_slice(b);
        }
        if crossed {
            let mut stream = stream(Purpose::CrossItems);
            for Part { items, crossover } in &self.parts {
                let (a, b) = (&mut a[items.clone()], &mut b[items.clone()]);
                match crossover {
                    Cross::Order => room.order.cross(a, b, &mut stream),
                    Cross::Other(crossover) => crossover.cross(a, b, &mut stream),
                }
            }
        }
        let mut stream = stream(Purpose::MutateItems);
        let (first, second) = room.parents.split_at(room.parents.len() / 2);
        for (items, parent) in [(a, first), (b, second)] {
            let moved = self.mutate(items, places, &mut stream);
            let once = match self.unchanged {
                Unchanged::Stays => false,
                Unchanged::Moves => true,
                Unchanged::MovesIfCopy => *items == *parent,
            };
            if !moved && once {
                let part = &self.parts[stream.below(self.parts.len())];
                self.change(&mut items[part.items.clone()], &mut stream);
            }
        }
    }

    /// Whether any place was hit.
    fn mutate(&self, items: &mut [u32], places: Geometric, stream: &mut Stream) -> bool {
        let (mut any, mut part) = (false, 0);
        places.each(stream, items.len(), |place, stream| {
            while place >= self.parts[part].items.end {
                part += 1;
            }
            any = true;
            self.change(&mut items[self.parts[part].items.clone()], stream);
        });
        any
    }

    fn change(&self, items: &mut [u32], stream: &mut Stream) {
        match &self.mutation {
            None => Moves.mutate(items, stream),
            Some(mutation) => mutation.mutate(items, stream),
        }
    }
}
