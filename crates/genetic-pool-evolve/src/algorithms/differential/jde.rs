//! jDE.

use serde::{Deserialize, Serialize};

use super::{
    JdeSettings,
    axes::Axes,
    draw::{Chunk, Inherited, draw_inherited},
    generations::{self, Generations},
    vary::Mutation,
};
use crate::{
    algorithms::{Algorithm, Committed, ConfigError, Population, RestoreError, Setup, Snapshot, TellError},
    evaluator::{Batch, Results},
    vector::Width,
};

/// Differential evolution whose candidates carry their own settings, by generations.
///
/// A candidate's trial is another one and `scale` times the difference of two more (DE/rand/1), of which it takes each
/// gene with probability `rate`. Trials inherit both from their parents, or, now and then, draw new ones; they survive
/// with the candidate. A trial beyond a bound stands midway between its parent and the bound.
///
/// J. Brest, S. Greiner, B. Bošković, M. Mernik and V. Žumer: Self-adapting control parameters in differential
/// evolution. IEEE TEC 10(6), 2006, [doi:10.1109/TEVC.2006.872133](https://doi.org/10.1109/TEVC.2006.872133). What is ours:
/// candidates compare by [`Rank`](crate::algorithms::Rank), so that constraints and failures have their place; a
/// population that finds nothing better any more gives way to a random one, its best candidate kept; reals on a log scale
/// or a step, whole numbers and ordinals are varied as continuous coordinates.
#[derive(Clone, Debug)]
pub struct Jde {
    settings: JdeSettings,
    seed: u64,
    island: u16,
    generations: Generations,
    /// The scale and the rate of each candidate.
    scales: Vec<f64>,
    rates: Vec<f64>,
    /// Those of its trial.
    trial_scales: Vec<f64>,
    trial_rates: Vec<f64>,
}

/// The state between two generations.
#[derive(Serialize, Deserialize)]
struct State {
    generations: generations::State,
    scales: Vec<f64>,
    rates: Vec<f64>,
}

/// What a random candidate has: what the paper's runs began with.
const FIRST_SCALE: f64 = 0.5;
const FIRST_RATE: f64 = 0.9;
/// Scales are 0.1 to 1.
const LEAST_SCALE: f64 = 0.1;
const SCALE_RANGE: f64 = 0.9;

impl Jde {
    /// Its name.
    pub const NAME: &str = "jde";
    /// The version of its semantics.
    pub const VERSION: u32 = 1;

    /// The algorithm before its first candidate.
    pub fn new(setup: Setup, settings: JdeSettings) -> Result<Jde, ConfigError> {
        settings.check(&setup)?;
        let axes = Axes::of(&setup.signature.space, Jde::NAME)?;
        Ok(Jde {
            seed: setup.seed,
            island: setup.island,
            generations: Generations::new(setup, axes, settings.population),
            settings,
            scales: Vec::new(),
            rates: Vec::new(),
            trial_scales: Vec::new(),
            trial_rates: Vec::new(),
        })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm set up the same took.
    pub fn restore(setup: Setup, settings: JdeSettings, snapshot: &Snapshot) -> Result<Jde, RestoreError> {
        let mut restored = Jde::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        let State { generations, scales, rates } = snapshot.read(Jde::NAME, Jde::VERSION)?;
        restored.generations.restore(generations, restored.settings.population)?;
        let rows = restored.generations.population.len();
        let fits = (scales.len(), rates.len()) == (rows, rows)
            && scales.iter().all(|scale| *scale > 0.0 && *scale <= 1.0)
            && rates.iter().all(|rate| (0.0..=1.0).contains(rate));
        if !fits {
            return Err(RestoreError::Shape);
        }
        (restored.scales, restored.rates) = (scales, rates);
        restored.give_up_if_done();
        Ok(restored)
    }

    /// Makes way for a random population where this one stagnates.
    fn give_up_if_done(&mut self) {
        if !self.generations.beginning() && self.generations.stagnates() {
            self.generations.begin_again(self.settings.population);
        }
    }

    fn breed(&mut self) {
        let Jde { settings, seed, island, scales, rates, trial_scales, trial_rates, .. } = self;
        trial_scales.clear();
        trial_rates.clear();
        let (rows, genes) = (self.generations.population.len(), self.generations.axes.len());
        self.generations.breed(Mutation::Random, &[], |first, parent, lanes, plans| {
            let chunk = Chunk { seed: *seed, island: *island, first, parent, rows, genes };
            let inherited = Inherited {
                scales,
                rates,
                scale_change: settings.scale_change,
                rate_change: settings.rate_change,
                least_scale: LEAST_SCALE,
                scale_range: SCALE_RANGE,
            };
            draw_inherited(Width::current(), chunk, inherited, lanes, plans);
            trial_scales.extend(plans.iter().map(|plan| plan.scale));
            trial_rates.extend(plans.iter().map(|plan| plan.rate));
        });
    }
}

impl Algorithm for Jde {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        if self.generations.pending().is_empty() {
            self.breed();
        }
        self.generations.pending().ask(room, batch);
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.generations.pending().tell(results)
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        if !self.generations.arrive() {
            return None;
        }
        if self.generations.beginning() {
            self.generations.take_random();
            let rows = self.generations.population.len();
            self.scales.clear();
            self.scales.resize(rows, FIRST_SCALE);
            self.rates.clear();
            self.rates.resize(rows, FIRST_RATE);
        } else {
            let Jde { scales, rates, trial_scales, trial_rates, .. } = self;
            self.generations.take_trials(|row, _, _| {
                (scales[row], rates[row]) = (trial_scales[row], trial_rates[row]);
            });
        }
        self.give_up_if_done();
        Some(self.generations.close())
    }

    fn next_unit(&self) -> usize {
        self.generations.next_unit()
    }

    fn population(&self) -> &Population {
        self.generations.shown()
    }

    fn snapshot(&self) -> Snapshot {
        let state =
            State { generations: self.generations.state(), scales: self.scales.clone(), rates: self.rates.clone() };
        Snapshot::of(Jde::NAME, Jde::VERSION, &state)
    }
}
