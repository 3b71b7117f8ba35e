//! What follows a descent that has ended.

use serde::{Deserialize, Serialize};

use super::options::{CmaEsSettings, Restarts};
use crate::{
    maths::pow,
    random::{Purpose, Stream},
};

/// How the next descent begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Plan {
    /// Candidates a generation.
    pub population: usize,
    /// The first step size.
    pub sigma: f64,
}

/// The descents so far.
///
/// [`Restarts::Ipop`]: A. Auger and N. Hansen: A restart CMA evolution strategy with increasing population size. CEC
/// 2005, [doi:10.1109/CEC.2005.1554902](https://doi.org/10.1109/CEC.2005.1554902). [`Restarts::Bipop`]: N. Hansen:
/// Benchmarking a BI-population CMA-ES on the BBOB-2009 function testbed. GECCO 2009,
/// [doi:10.1145/1570256.1570333](https://doi.org/10.1145/1570256.1570333).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Descents {
    /// How many have ended.
    pub ended: u64,
    /// How often the population was doubled.
    doubled: u32,
    /// Whether the present one is a small one.
    small: bool,
    /// The evaluations of small descents, and of those with twice the population.
    small_evaluations: u64,
    large_evaluations: u64,
}

impl Descents {
    /// Plans the descent after one that took `evaluations`; no population is above `most`.
    pub(super) fn next(
        &mut self,
        settings: &CmaEsSettings,
        evaluations: u64,
        most: usize,
        seed: u64,
        island: u16,
    ) -> Plan {
        self.ended += 1;
        let first = settings.population;
        let large = |doubled: u32| first.saturating_mul(1 << doubled.min(30)).min(most.max(first));
        if self.small {
            self.small_evaluations += evaluations;
        } else if self.doubled > 0 {
            self.large_evaluations += evaluations;
        }
        self.small = settings.restarts == Restarts::Bipop && self.doubled > 0 && self.small_evaluations < self.large_evaluations;
        if self.small {
            // Between the first population and half the present large one; steps from a hundredth of the first to it.
            let mut stream = Stream::new(seed, island, Purpose::Descent, self.ended << 1 | 1);
            let (u, v) = (stream.unit(), stream.unit());
            let ratio = 0.5 * large(self.doubled) as f64 / first as f64;
            let population = (first as f64 * pow(ratio.max(1.0), u * u)) as usize;
            return Plan { population: population.max(first), sigma: settings.sigma * pow(10.0, -2.0 * v) };
        }
        if large(self.doubled) < most {
            self.doubled += 1;
        }
        Plan { population: large(self.doubled), sigma: settings.sigma }
    }

    /// The plan of the present descent that [`next`](Descents::next) made is of this size, or the state is damaged.
    pub(super) fn is_consistent(&self) -> bool {
        u64::from(self.doubled) <= self.ended && self.ended < 1 << 40
    }
}

/// The first plan.
pub(super) fn first(settings: &CmaEsSettings) -> Plan {
    Plan { population: settings.population, sigma: settings.sigma }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::algorithms::cma_es::options::{CmaEsOptions, Covariance};
    use crate::space::Space;

    fn settings(restarts: Restarts) -> CmaEsSettings {
        let options = CmaEsOptions {
            population: Some(10),
            restarts: Some(restarts),
            covariance: Some(Covariance::Full),
            ..CmaEsOptions::default()
        };
        options.resolve(&Space::new(Vec::new()).unwrap(), 1)
    }

    #[test]
    fn populations_double() {
        let settings = settings(Restarts::Ipop);
        let mut descents = Descents::default();
        let sizes: Vec<usize> = (0..6).map(|_| descents.next(&settings, 100, 100, 1, 0).population).collect();
        assert_eq!(sizes, [20, 40, 80, 100, 100, 100]);
        assert_eq!(first(&settings), Plan { population: 10, sigma: 0.2 });
    }

    #[test]
    fn small_descents_take_as_many_evaluations_as_large_ones() {
        let settings = settings(Restarts::Bipop);
        let mut descents = Descents::default();
        let mut taken = [0_u64; 2];
        let mut sizes = Vec::new();
        let (mut evaluations, mut kind) = (500, None);
        for _ in 0..120 {
            let plan = descents.next(&settings, evaluations, 1 << 20, 7, 0);
            if let Some(kind) = kind {
                taken[kind] += evaluations;
            }
            kind = Some(usize::from(descents.small));
            if descents.small {
                let large = 10 << descents.doubled;
                assert!((10..=large / 2).contains(&plan.population), "{plan:?}");
                assert!((0.002..=0.2).contains(&plan.sigma));
                sizes.push(plan.population);
                evaluations = 50 * plan.population as u64;
            } else {
                assert_eq!(plan, Plan { population: 10 << descents.doubled, sigma: 0.2 });
                // As many as a small one takes that is a little larger than usual.
                evaluations = 100 * plan.population.min(1 << 12) as u64;
            }
            let [large, small] = taken;
            assert!(small <= large + 50 * (10 << descents.doubled));
        }
        assert!(sizes.len() > 80 && sizes.iter().any(|size| *size > 11));
        assert!(taken[0].abs_diff(taken[1]) < taken[0] / 2, "{taken:?}");
    }
}
