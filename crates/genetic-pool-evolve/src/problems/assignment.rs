//! The quadratic assignment problem.

use std::sync::Arc;

use super::{function::one_goal, qaplib::QapInstance};
use crate::{
    operators::{Operators, crossover::partially_mapped::PartiallyMapped, improve::Improve},
    problem::{Direction, Failure, Outcome, Problem, Signature, Trial},
    random::Stream,
    space::{Domain, Genome, GenomeMut, Parameter, Space},
};

/// The cheapest assignment of facilities to places: a permutation `places`, the goal `cost`.
///
/// Item `i` of the permutation is the place of facility `i`. Best known costs, all optimal: `nug12` 578, `nug30` 6124,
/// `tai12a` 224416 (R. E. Burkard, S. E. Karisch and F. Rendl: QAPLIB, a quadratic assignment problem library. Journal of
/// Global Optimization 10, 1997, [doi:10.1023/A:1008293323270](https://doi.org/10.1023/A:1008293323270)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The instance.
    pub instance: QapInstance,
}

impl Problem for Assignment {
    fn signature(&self) -> Signature {
        let places = Parameter::new("places", Domain::Permutation { size: self.instance.size });
        one_goal(Space::new(vec![places]), "cost", Direction::Minimize)
    }

    /// Partially mapped crossover, which keeps places, and exchanges of two places as a local search.
    fn operators(&self) -> Operators {
        Operators {
            crossover: Some(Arc::new(PartiallyMapped)),
            improve: Some(Arc::new(Exchanges { instance: self.instance.clone() })),
            ..Operators::default()
        }
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = self.instance.cost(genome.permutation()) as f64;
        Ok(())
    }
}

/// Exchanges the places of two facilities as long as that makes the whole cheaper.
///
/// Pairs are tried in an order that is drawn, each exchange that helps is made at once, and it ends when none of all
/// pairs has helped.
#[derive(Clone, Debug)]
struct Exchanges {
    instance: QapInstance,
}

impl Exchanges {
    fn flow(&self, i: usize, j: usize) -> i64 {
        i64::from(self.instance.first[i * self.instance.size + j])
    }

    fn distance(&self, a: u32, b: u32) -> i64 {
        i64::from(self.instance.second[a as usize * self.instance.size + b as usize])
    }

    /// What it costs to exchange the places of `r` and `s`.
    fn change(&self, places: &[u32], r: usize, s: usize) -> i64 {
        let (a, b) = (places[r], places[s]);
        let mut change = (self.flow(r, r) - self.flow(s, s)) * (self.distance(b, b) - self.distance(a, a))
            + (self.flow(r, s) - self.flow(s, r)) * (self.distance(b, a) - self.distance(a, b));
        for (k, at) in places.iter().enumerate() {
            if k != r && k != s {
                change += (self.flow(k, r) - self.flow(k, s)) * (self.distance(*at, b) - self.distance(*at, a))
                    + (self.flow(r, k) - self.flow(s, k)) * (self.distance(b, *at) - self.distance(a, *at));
            }
        }
        change
    }
}

impl Improve for Exchanges {
    fn improve(&self, genome: GenomeMut<'_>, stream: &mut Stream) {
        let places = genome.items;
        let n = places.len();
        if n != self.instance.size {
            return;
        }
        let mut pairs: Vec<[usize; 2]> = (0..n).flat_map(|s| (0..s).map(move |r| [r, s])).collect();
        for last in (1..pairs.len()).rev() {
            pairs.swap(last, stream.below(last + 1));
        }
        let mut in_vain = 0;
        for [r, s] in pairs.iter().cycle() {
            if in_vain == pairs.len() {
                return;
            }
            in_vain += 1;
            if self.change(places, *r, *s) < 0 {
                places.swap(*r, *s);
                in_vain = 0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{problems::qaplib, random::Purpose};

    #[test]
    fn changes_are_differences_of_costs() {
        // Neither symmetric nor zero on the diagonals.
        let mut stream = Stream::new(1, 0, Purpose::Try, 0);
        let mut matrix = || (0..49).map(|_| stream.below(50) as u32).collect::<Vec<u32>>();
        let instance = QapInstance { size: 7, first: matrix(), second: matrix() };
        let search = Exchanges { instance: instance.clone() };
        let places = [3, 1, 6, 0, 2, 5, 4];
        for s in 0..7 {
            for r in 0..s {
                let mut other = places;
                other.swap(r, s);
                let difference = instance.cost(&other) as i64 - instance.cost(&places) as i64;
                assert_eq!(search.change(&places, r, s), difference);
            }
        }
    }

    #[test]
    fn the_local_search_ends_where_no_exchange_helps() {
        let instance = qaplib::parse(include_str!("../../tests/data/nug12.dat")).unwrap();
        let problem = Assignment { instance: instance.clone() };
        let space = problem.signature().space;
        let improve = problem.operators().improve.unwrap();
        for index in 0..20 {
            let mut stream = Stream::new(2, 0, Purpose::Initialize, index);
            let mut genomes = space.genomes(1);
            crate::operators::initialize::initialize(&space, &mut genomes, 0, &mut stream);
            let before = instance.cost(&genomes.items);
            improve.improve(genomes.row_mut(&space, 0), &mut stream);
            let after = instance.cost(&genomes.items);
            assert!(after <= before && after >= 578 && space.accepts(&genomes, 0));
            for s in 0..12 {
                for r in 0..s {
                    let mut other = genomes.items.clone();
                    other.swap(r, s);
                    assert!(instance.cost(&other) >= after);
                }
            }
        }
    }
}
