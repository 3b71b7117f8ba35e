//! The knapsack: which items are worth their weight.

use serde::Deserialize;

use super::{Dimension, function::one_goal};
use crate::{
    problem::{Bound, Constraint, Direction, Failure, Outcome, Problem, Signature, Trial},
    random::{Purpose, Stream},
    space::{Domain, Genome, Parameter, Space},
};

/// The most profit from items that a knapsack can carry: a bit for each item.
///
/// Goal `profit`, maximised; constraint `weight`, at most half of what all items weigh together. Weights are drawn
/// uniformly from 1 to 1,000; how profits follow from them is the option `kind`. The best profit depends on the seed and
/// is found by [`best`](Knapsack::best). Kinds and range as in D. Pisinger: Where are the hard knapsack problems?
/// Computers & Operations Research 32(9), 2005,
/// [doi:10.1016/j.cor.2004.03.002](https://doi.org/10.1016/j.cor.2004.03.002).
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "KnapsackOptions")]
pub struct Knapsack {
    signature: Signature,
    /// Weight and profit of each item.
    items: Vec<[u32; 2]>,
    capacity: u64,
}

/// The options of [`Knapsack`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KnapsackOptions {
    /// How many items; 100 unless given.
    pub items: Option<Dimension>,
    /// How profits follow from weights.
    pub kind: KnapsackKind,
    /// What weights and profits are drawn from; 0 unless given.
    pub seed: Option<u64>,
}

/// How profits follow from weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnapsackKind {
    /// Not at all: uniform from 1 to 1,000. Easy.
    #[default]
    Uncorrelated,
    /// Uniform within 100 of the weight, at least 1.
    Weakly,
    /// The weight and 100: what is best for its weight is light, and leaves gaps. Hard.
    Strongly,
}

impl From<KnapsackOptions> for Knapsack {
    fn from(options: KnapsackOptions) -> Knapsack {
        let count = options.items.map_or(100, Dimension::get);
        let mut stream = Stream::new(options.seed.unwrap_or(0), 0, Purpose::Instance, 0);
        let items: Vec<[u32; 2]> = (0..count)
            .map(|_| {
                let weight = 1 + stream.below(1000) as u32;
                let profit = match options.kind {
                    KnapsackKind::Uncorrelated => 1 + stream.below(1000) as u32,
                    KnapsackKind::Weakly => (weight + stream.below(201) as u32).saturating_sub(100).max(1),
                    KnapsackKind::Strongly => weight + 100,
                };
                [weight, profit]
            })
            .collect();
        let capacity = items.iter().map(|[weight, _]| u64::from(*weight)).sum::<u64>() / 2;
        let parameter = Parameter::new("item", Domain::Bit).len(count);
        let constraint = Constraint { name: "weight".to_owned(), bound: Bound::Max(capacity as f64) };
        let signature = Signature {
            constraints: vec![constraint],
            ..one_goal(Space::new(vec![parameter]), "profit", Direction::Maximize)
        };
        Knapsack { signature, items, capacity }
    }
}

impl Knapsack {
    /// The best profit there is, by dynamic programming: time items × capacity, about 250 n² steps.
    pub fn best(&self) -> u64 {
        // The best profit of the items so far, by what they may weigh.
        let mut best = vec![0; self.capacity as usize + 1];
        for [weight, profit] in &self.items {
            let weight = *weight as usize;
            for room in (weight..best.len()).rev() {
                best[room] = best[room].max(best[room - weight] + u64::from(*profit));
            }
        }
        best[self.capacity as usize]
    }
}

impl Problem for Knapsack {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let (mut weight, mut profit) = (0_u64, 0_u64);
        for (word, items) in genome.bits().iter().zip(self.items.chunks(64)) {
            let mut left = *word;
            while left != 0 {
                let [here, gain] = items[left.trailing_zeros() as usize];
                weight += u64::from(here);
                profit += u64::from(gain);
                left &= left - 1;
            }
        }
        outcome.objectives[0] = profit as f64;
        outcome.constraints[0] = weight as f64;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        outcomes::{OutcomeShape, Outcomes},
        problem::CandidateId,
    };

    fn knapsack(items: usize, kind: KnapsackKind, seed: u64) -> Knapsack {
        Knapsack::from(KnapsackOptions { items: Dimension::new(items), kind, seed: Some(seed) })
    }

    #[test]
    fn the_best_of_all_choices_is_the_best_there_is() {
        for kind in [KnapsackKind::Uncorrelated, KnapsackKind::Weakly, KnapsackKind::Strongly] {
            for seed in 0..3 {
                let problem = knapsack(11, kind, seed);
                let signature = problem.signature();
                let mut genomes = signature.space.genomes(1 << 11);
                genomes.bits = (0..1 << 11).collect();
                let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), genomes.rows);
                for row in 0..genomes.rows {
                    let genome = Genome::new(&signature.space, &genomes, row);
                    problem.evaluate(genome, &Trial::new(1, CandidateId(0)), &mut outcomes.row_mut(row)).unwrap();
                    let packed = problem.items.iter().enumerate().filter(|(item, _)| genome.bit(*item));
                    let [weight, profit] = packed.fold([0.0; 2], |[weight, profit], (_, item)| {
                        [weight + f64::from(item[0]), profit + f64::from(item[1])]
                    });
                    assert_eq!((outcomes.objectives(row), outcomes.constraints(row)), (&[profit][..], &[weight][..]));
                }
                let feasible = (0..genomes.rows).filter(|row| signature.violation(outcomes.constraints(*row)) == 0.0);
                let best = feasible.map(|row| outcomes.objectives(row)[0]).fold(0.0, f64::max);
                assert_eq!(problem.best() as f64, best, "{kind:?} {seed}");
            }
        }
    }

    #[test]
    fn profits_follow_weights_as_the_kind_says() {
        let items = |kind| knapsack(2000, kind, 7).items;
        assert!(items(KnapsackKind::Strongly).iter().all(|[weight, profit]| *profit == weight + 100));
        let weakly = items(KnapsackKind::Weakly);
        assert!(weakly.iter().all(|[weight, profit]| *profit >= 1 && profit.abs_diff(*weight) <= 100));
        for side in [-1, 1] {
            let apart = |item: &&[u32; 2]| (i64::from(item[1]) - i64::from(item[0])) * side > 90;
            assert!(weakly.iter().filter(apart).count() > 50, "profits reach both ends");
        }
        // Uniform from 1 to 1,000: mean 500.5, standard error 6.5.
        let uncorrelated = items(KnapsackKind::Uncorrelated);
        for column in 0..2 {
            let mean = uncorrelated.iter().map(|item| f64::from(item[column])).sum::<f64>() / 2000.0;
            assert!((mean - 500.5).abs() < 26.0, "{mean}");
        }
        let far = uncorrelated.iter().filter(|[weight, profit]| profit.abs_diff(*weight) > 100).count();
        // 0.9² of all.
        assert!((1530..1710).contains(&far), "{far}");
    }
}
