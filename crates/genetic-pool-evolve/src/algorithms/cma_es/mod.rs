//! The CMA evolution strategy, for reals and what has an order.

mod archive;
mod descent;
mod distribution;
mod ending;
mod margin;
mod model;
mod options;
mod parameters;
mod restarts;
mod sample;

use serde::{Deserialize, Serialize};

pub use self::options::{CmaEsOptions, CmaEsSettings, Covariance, Restarts};
use self::{
    descent::{Descent, Tools},
    ending::Ending,
    model::Model,
    parameters::Parameters,
    restarts::{Descents, Plan, first},
    sample::Sample,
};
use super::{
    Algorithm, Committed, ConfigError, Population, RestoreError, Setup, Snapshot, TellError,
    pending::Pending,
    population::standing,
    rank::rank_rows,
    snapshot::check_population,
};
use crate::{
    evaluator::{Batch, Results},
    outcomes::OutcomeShape,
    random::{Purpose, Stream},
    space::Coordinates,
    vector::Width,
};

/// Covariance matrix adaptation: each generation is drawn from a normal distribution that learns where the better ones
/// lay, with no dependence on how the objective is scaled, turned or monotonically transformed.
///
/// N. Hansen: The CMA evolution strategy: a tutorial. [arXiv:1604.00772](https://arxiv.org/abs/1604.00772), with active
/// covariance update; mirrored sampling after D. Brockhoff et al.: Mirrored sampling and sequential selection for
/// evolution strategies. PPSN XI, 2010, [doi:10.1007/978-3-642-15844-5_2](https://doi.org/10.1007/978-3-642-15844-5_2).
/// When a descent has ended, another begins at a random point ([`Restarts`]).
///
/// - Candidates beyond a bound are evaluated at it, and the farther the mean goes out, the more it counts how far they
///   went.
/// - Whole numbers, ordinals, bits and reals on a step are cells of an axis, and each keeps a margin of probability.
///   Choices, permutations and parameters that do not always count are refused.
/// - Constraints count as everywhere, by [`Rank`](super::Rank); what failed moves neither mean nor paths.
/// - Start points are in the first generation. Its mean is theirs, and its step size what they spread over, between a
///   tenth of the usual one and all of it; half the usual one for a single point.
/// - The unit is a generation.
#[derive(Clone, Debug)]
pub struct CmaEs {
    setup: Setup,
    tools: Tools,
    pending: Pending,
    /// The generation that is bred.
    sample: Sample,
    descent: Descent,
    descents: Descents,
    /// How many generations are committed.
    generation: u64,
    /// The best candidate so far, alone.
    best: Population,
    /// The last generation, the best in place of its worst where that one is better.
    shown: Population,
}

/// The state between two generations.
#[derive(Serialize, Deserialize)]
struct State {
    generation: u64,
    next: u64,
    descent: Descent,
    descents: Descents,
    best: Population,
    shown: Population,
}

impl CmaEs {
    /// Its name.
    pub const NAME: &str = "cma-es";
    /// The version of its semantics: another one takes other steps from the same state.
    pub const VERSION: u32 = 1;

    /// The algorithm before its first candidate.
    pub fn new(setup: Setup, settings: CmaEsSettings) -> Result<CmaEs, ConfigError> {
        settings.check(&setup)?;
        let space = &setup.signature.space;
        let coordinates = Coordinates::of(space).map_err(|none| ConfigError::Parameter {
            algorithm: CmaEs::NAME,
            parameter: none.parameter,
            kind: none.kind,
            instead: "genetic",
        })?;
        let (mean, plan) = beginning(&setup, &settings, &coordinates);
        let parameters = Parameters::new(
            coordinates.dimension(),
            plan.population,
            settings.covariance,
            learning(&settings, &coordinates, 0),
        );
        let (shape, outcome) = (space.layout().shape, OutcomeShape::of(&setup.signature));
        let none = Population::new(shape, outcome, 0);
        Ok(CmaEs {
            pending: Pending::new(shape, outcome, plan.population, setup.island, setup.batch),
            sample: Sample::default(),
            descent: Descent::new(mean, plan, &settings, 0),
            descents: Descents::default(),
            generation: 0,
            best: none.clone(),
            shown: none,
            tools: Tools {
                coordinates,
                settings,
                parameters,
                width: Width::current(),
                model: Model::default(),
                scratch: distribution::Scratch::default(),
            },
            setup,
        })
    }

    /// The algorithm as it was at `snapshot`, which an algorithm set up the same took.
    pub fn restore(setup: Setup, settings: CmaEsSettings, snapshot: &Snapshot) -> Result<CmaEs, RestoreError> {
        let mut restored = CmaEs::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        let State { generation, next, descent, descents, best, shown } =
            snapshot.read(CmaEs::NAME, CmaEs::VERSION)?;
        let Setup { signature, island, .. } = &restored.setup;
        check_population(&best, signature, *island, next)?;
        check_population(&shown, signature, *island, next)?;
        let begun = generation > 0;
        let fits = descent.is_consistent(&restored.tools)
            && descents.is_consistent()
            && (4..=restored.most_population()).contains(&descent.population)
            && descent.first <= next
            && best.len() == usize::from(begun)
            && shown.is_empty() != begun
            && begun == (next > 0)
            && generation <= next;
        if !fits {
            return Err(RestoreError::Shape);
        }
        restored.generation = generation;
        restored.descent = descent;
        restored.descents = descents;
        restored.best = best;
        restored.shown = shown;
        restored.pending.begin_at(next);
        restored.set_parameters();
        Ok(restored)
    }

    /// The largest population of a descent: 64 MiB of steps, and at least the first.
    fn most_population(&self) -> usize {
        let room = (1 << 23) / self.tools.coordinates.dimension();
        room.max(self.tools.settings.population)
    }

    fn set_parameters(&mut self) {
        let Tools { coordinates, settings, .. } = &self.tools;
        let learning = learning(settings, coordinates, self.pending.first());
        self.tools.parameters =
            Parameters::new(coordinates.dimension(), self.descent.population, settings.covariance, learning);
    }

    /// Draws the next generation: a function of the state and of its candidates' ids.
    fn breed(&mut self) {
        let first = self.pending.first();
        let Setup { seed, island, .. } = self.setup;
        let size = self.descent.population;
        let n = self.tools.coordinates.dimension();
        self.pending.begin_generation(first, size);
        self.sample.resize(size, n);
        let Tools { coordinates, settings, width, scratch, .. } = &mut self.tools;
        self.sample.draw(*width, seed, island, first, settings.mirrored);
        self.sample.place(*width, &self.descent.distribution, coordinates, scratch);
        if self.tools.settings.model {
            self.descent.propose(&mut self.sample, seed, island, first, &mut self.tools);
        }
        let start = if first == 0 { self.setup.start.rows } else { 0 };
        let genomes = self.pending.genomes_mut();
        for row in 0..size {
            if row < start {
                genomes.copy_row(row, &self.setup.start, row);
                let mut point = vec![0.0; n];
                self.tools.coordinates.encode(&self.setup.start, row, &mut point);
                self.descent.put(&mut self.sample, row, &point);
            } else {
                self.tools.coordinates.decode(&self.sample.points[row * n..][..n], genomes, row);
            }
        }
    }

    /// Begins the next descent.
    fn begin_again(&mut self) {
        let next = self.pending.first();
        let Setup { seed, island, .. } = self.setup;
        let most = self.most_population();
        let plan = self.descents.next(&self.tools.settings, next - self.descent.first, most, seed, island);
        let mut stream = Stream::new(seed, island, Purpose::Descent, self.descents.ended << 1);
        let mean = somewhere(&self.tools.coordinates, &mut stream);
        self.descent = Descent::new(mean, plan, &self.tools.settings, next);
        self.set_parameters();
    }

    /// Shows the generation that is committed.
    fn show(&mut self) {
        let rows = self.pending.rows();
        self.shown.clone_from(rows);
        let (Some(best), Some(worst)) = (rows.best(), rows.worst()) else { return };
        if self.best.is_empty() {
            self.best.push(rows, best);
        } else if standing(rows, best) < standing(&self.best, 0) {
            self.best.copy_row(0, rows, best);
        } else if standing(&self.best, 0) < standing(rows, worst) {
            self.shown.copy_row(worst, &self.best, 0);
        }
    }
}

impl Algorithm for CmaEs {
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        if self.pending.is_empty() {
            self.breed();
        }
        self.pending.ask(room, batch);
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        self.pending.tell(results)
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        if !self.pending.take_generation() {
            return None;
        }
        rank_rows(&self.setup.signature, self.pending.rows_mut(), self.setup.failure_rank);
        self.show();
        let rows = self.pending.rows();
        let before = self.tools.parameters.c_mu;
        let ending = self.descent.learn(&self.sample, &rows.ranks, &rows.candidates, &mut self.tools);
        match (ending, self.tools.settings.restarts) {
            (None, _) => {
                let learning = learning(&self.tools.settings, &self.tools.coordinates, self.pending.first());
                let _ = (before, learning);
                self.set_parameters();
            }
            (Some(Ending::Condition), Restarts::None) => {
                self.descent.distribution.forget_shape(self.tools.settings.covariance);
                self.set_parameters();
            }
            (Some(_), Restarts::None) => self.set_parameters(),
            (Some(_), Restarts::Ipop | Restarts::Bipop) => self.begin_again(),
        }
        let generation = self.generation;
        self.generation += 1;
        Some(Committed {
            generation,
            generation_ends: true,
            candidates: self.pending.rows(),
            population: &self.shown,
        })
    }

    fn next_unit(&self) -> usize {
        self.descent.population
    }

    fn population(&self) -> &Population {
        &self.shown
    }

    fn snapshot(&self) -> Snapshot {
        let state = State {
            generation: self.generation,
            next: self.pending.first(),
            descent: self.descent.clone(),
            descents: self.descents,
            best: self.best.clone(),
            shown: self.shown.clone(),
        };
        Snapshot::of(CmaEs::NAME, CmaEs::VERSION, &state)
    }
}

/// What the rate of the rank-μ update is multiplied by after `evaluations`.
fn learning(settings: &CmaEsSettings, coordinates: &Coordinates, evaluations: u64) -> f64 {
    let parameters = coordinates.dimension() as u64;
    settings.learning.unwrap_or(match evaluations {
        few if few < 300 * parameters => 2.0,
        some if some < 1000 * parameters => 1.5,
        _ => 1.0,
    })
}

/// Where the first descent begins.
fn beginning(setup: &Setup, settings: &CmaEsSettings, coordinates: &Coordinates) -> (Vec<f64>, Plan) {
    let plan = first(settings);
    let n = coordinates.dimension();
    let rows = setup.start.rows;
    if rows == 0 {
        let mut stream = Stream::new(setup.seed, setup.island, Purpose::Descent, 0);
        return (somewhere(coordinates, &mut stream), plan);
    }
    let mut points = vec![0.0; rows * n];
    for (row, point) in points.chunks_exact_mut(n).enumerate() {
        coordinates.encode(&setup.start, row, point);
    }
    let mut mean = vec![0.0; n];
    for point in points.chunks_exact(n) {
        mean.iter_mut().zip(point).for_each(|(mean, value)| *mean += value / rows as f64);
    }
    let mut square = 0.0;
    for point in points.chunks_exact(n) {
        square += mean.iter().zip(point).fold(0.0, |sum, (mean, value)| sum + (value - mean) * (value - mean));
    }
    let spread = crate::maths::sqrt(square / (rows * n) as f64);
    let share = if rows == 1 { 0.5 } else { (spread / plan.sigma).clamp(0.1, 1.0) };
    (mean, Plan { sigma: plan.sigma * share, ..plan })
}

/// A point of the middle four fifths of every axis.
fn somewhere(coordinates: &Coordinates, stream: &mut Stream) -> Vec<f64> {
    let Coordinates { low, high, .. } = coordinates;
    low.iter().zip(high).map(|(low, high)| low + (high - low) * (0.1 + 0.8 * stream.unit())).collect()
}
