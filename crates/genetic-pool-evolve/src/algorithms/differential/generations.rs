//! What both algorithms have in common: a population each candidate of which has one trial a generation.

use serde::{Deserialize, Serialize};

use super::{
    axes::Axes,
    vary::{CHUNK, Mutation, Plan, Rows, Varier},
};
use crate::{
    algorithms::{
        Committed, Population, Rank, RestoreError, Setup, kept::Kept, pending::Pending, population::standing,
        rank::rank_rows, snapshot::check_population,
    },
    operators::initialize::initialize,
    outcomes::OutcomeShape,
    random::{Lanes, Purpose, Stream},
    vector::Width,
};

/// How often each gene and each candidate is tried in vain before a population is given up: that of the genetic
/// algorithm, twice over, since steps without success are how this one finds smaller ones.
const PATIENCE: u64 = 40;

/// A population and its trials.
///
/// A generation is bred when it is first asked for: a function of the population and of its candidates' ids, so that a
/// state holds none of it. A trial replaces its parent where it is as good or better. A population that finds nothing
/// better any more is given up for a random one, and its best candidate kept.
#[derive(Clone, Debug)]
pub(super) struct Generations {
    setup: Setup,
    pub(super) axes: Axes,
    /// How many candidates a run begins with.
    size: usize,
    pending: Pending,
    pub(super) population: Population,
    /// Where the population stands; empty where its genes say it.
    positions: Vec<f64>,
    trial_positions: Vec<f64>,
    kept: Kept,
    /// How many generations are committed.
    generation: u64,
    /// The first candidate of the population's first generation.
    pub(super) origin: u64,
    /// The candidate after the last generation in which something became better.
    improved: u64,
    /// Whether the next generation is random and replaces the population.
    beginning: bool,
    varier: Varier,
    lanes: Lanes<CHUNK>,
    spare: Population,
}

/// The state between two generations.
#[derive(Serialize, Deserialize)]
pub(super) struct State {
    generation: u64,
    next: u64,
    origin: u64,
    improved: u64,
    population: Population,
    positions: Vec<f64>,
    kept: Population,
}

impl Generations {
    /// Before the first candidate of `size`.
    pub(super) fn new(setup: Setup, axes: Axes, size: usize) -> Generations {
        let shape = setup.signature.space.layout().shape;
        let outcome = OutcomeShape::of(&setup.signature);
        Generations {
            pending: Pending::new(shape, outcome, size, setup.island, setup.batch),
            population: Population::new(shape, outcome, 0),
            spare: Population::new(shape, outcome, 0),
            kept: Kept::new(shape, outcome),
            setup,
            axes,
            size,
            positions: Vec::new(),
            trial_positions: Vec::new(),
            generation: 0,
            origin: 0,
            improved: 0,
            beginning: true,
            varier: Varier::default(),
            lanes: Lanes::default(),
        }
    }

    /// As it was at `state`, which has `least` candidates or more.
    pub(super) fn restore(&mut self, state: State, least: usize) -> Result<(), RestoreError> {
        let State { generation, next, origin, improved, population, positions, kept } = state;
        let Setup { signature, island, .. } = &self.setup;
        check_population(&population, signature, *island, next)?;
        check_population(&kept, signature, *island, next)?;
        let begun = generation > 0;
        let rows = population.len();
        let sized = if begun { (least..=self.size).contains(&rows) } else { rows == 0 };
        let numbers = if self.axes.plain { 0 } else { rows * self.axes.len() };
        let fits = sized
            && begun == (next > 0)
            && generation <= next
            && improved <= next
            && (origin < next || !begun && origin == 0)
            && kept.len() <= 1
            && positions.len() == numbers
            && (self.axes.plain || self.axes.hold(&positions));
        if !fits {
            return Err(RestoreError::Shape);
        }
        self.generation = generation;
        (self.origin, self.improved) = (origin, improved);
        (self.population, self.positions) = (population, positions);
        self.kept.restore(kept, &self.population);
        self.pending.begin_at(next);
        self.beginning = !begun;
        Ok(())
    }

    pub(super) fn state(&self) -> State {
        State {
            generation: self.generation,
            next: self.pending.first(),
            origin: self.origin,
            improved: self.improved,
            population: self.population.clone(),
            positions: self.positions.clone(),
            kept: self.kept.best().clone(),
        }
    }

    pub(super) fn pending(&mut self) -> &mut Pending {
        &mut self.pending
    }

    /// The next candidate to be bred or asked for, between two generations.
    pub(super) fn next(&self) -> u64 {
        self.pending.first()
    }

    pub(super) fn beginning(&self) -> bool {
        self.beginning
    }

    /// The population as it is shown.
    pub(super) fn shown(&self) -> &Population {
        self.kept.shown(&self.population)
    }

    pub(super) fn next_unit(&self) -> usize {
        if self.beginning { self.size } else { self.population.len() }
    }

    /// Whether nothing has become better for so long that nothing will.
    pub(super) fn stagnates(&self) -> bool {
        let patience = PATIENCE.saturating_mul(self.axes.len().max(self.population.len()) as u64);
        self.next().saturating_sub(self.improved) >= patience
    }

    /// The next generation is a random one of `size`, and replaces the population.
    pub(super) fn begin_again(&mut self, size: usize) {
        self.beginning = true;
        self.size = size;
    }

    /// Where candidates stand: one row of coordinates each.
    pub(super) fn positions(&self) -> &[f64] {
        if self.axes.plain { &self.population.genomes.reals } else { &self.positions }
    }

    /// Breeds a random generation, or the trials that `draw` plans: it is given the first candidate of a chunk, the row
    /// of its parent, the lanes of its streams and the plans to make.
    pub(super) fn breed(
        &mut self,
        mutation: Mutation,
        archive: &[f64],
        mut draw: impl FnMut(u64, usize, &mut Lanes<CHUNK>, &mut [Plan]),
    ) {
        let first = self.pending.first();
        if self.beginning {
            return self.breed_random(first);
        }
        let (rows, genes) = (self.population.len(), self.axes.len());
        self.pending.begin_generation(first, rows);
        let width = Width::current();
        if !self.axes.plain {
            self.trial_positions.resize(rows * genes, 0.0);
        }
        let mut plans = [Plan::default(); CHUNK];
        for start in (0..rows).step_by(CHUNK) {
            let end = rows.min(start + CHUNK);
            let plans = &mut plans[..end - start];
            draw(first + start as u64, start, &mut self.lanes, plans);
            let plain = self.axes.plain;
            let genomes = self.pending.genomes_mut();
            let trials = if plain { &mut genomes.reals } else { &mut self.trial_positions };
            let population = if plain { &self.population.genomes.reals } else { &self.positions };
            let rows = Rows { population, archive, trials: &mut trials[start * genes..end * genes] };
            self.varier.vary(width, mutation, plans, &mut self.lanes, &self.axes, rows);
            if !plain {
                for row in start..end {
                    self.decode_trial(row, first + row as u64);
                }
            }
        }
    }

    /// Makes a genome of a trial's position. One that rounds to its parent moves by one step on one axis.
    fn decode_trial(&mut self, row: usize, index: u64) {
        let genes = self.axes.len();
        let position = &mut self.trial_positions[row * genes..][..genes];
        let genomes = self.pending.genomes_mut();
        self.axes.decode(position, genomes, row);
        let parents = &self.population.genomes;
        let shape = parents.shape;
        let same = genomes.reals[row * shape.reals..][..shape.reals] == parents.reals[row * shape.reals..][..shape.reals]
            && genomes.ints[row * shape.ints..][..shape.ints] == parents.ints[row * shape.ints..][..shape.ints];
        if same {
            let mut stream = Stream::new(self.setup.seed, self.setup.island, Purpose::Step, index);
            let axis = stream.below(genes);
            self.axes.step(axis, position, stream.next() >> 63 == 1);
            self.axes.decode(position, genomes, row);
        }
    }

    fn breed_random(&mut self, first: u64) {
        let Setup { signature, seed, island, start, .. } = &self.setup;
        let (size, genes) = (self.size, self.axes.len());
        self.pending.begin_generation(first, size);
        if !self.axes.plain {
            self.trial_positions.resize(size * genes, 0.0);
        }
        for row in 0..size {
            let index = first + row as u64;
            let genomes = self.pending.genomes_mut();
            let given = index < start.rows as u64;
            if given {
                genomes.copy_row(row, start, index as usize);
            }
            let mut stream = Stream::new(*seed, *island, Purpose::Initialize, index);
            if self.axes.plain {
                if !given {
                    initialize(&signature.space, genomes, row, &mut stream);
                }
                continue;
            }
            let position = &mut self.trial_positions[row * genes..][..genes];
            if given {
                self.axes.encode(genomes, row, position);
            } else {
                self.axes.draw(position, &mut stream);
                self.axes.decode(position, genomes, row);
            }
        }
    }


    /// Whether every outcome of the generation is in; they are ranked then, and the generation is to be taken.
    pub(super) fn arrive(&mut self) -> bool {
        let arrived = self.pending.take_generation();
        if arrived {
            rank_rows(&self.setup.signature, self.pending.rows_mut(), self.setup.failure_rank);
        }
        arrived
    }

    /// Takes a random generation in place of the population.
    pub(super) fn take_random(&mut self) {
        self.kept.give_up(&self.population);
        self.population.clone_from(self.pending.rows());
        std::mem::swap(&mut self.positions, &mut self.trial_positions);
        self.origin = self.pending.first() - self.population.len() as u64;
        self.improved = self.pending.first();
        self.beginning = false;
    }

    /// The ranks of the parent and of the trial in row `row`.
    pub(super) fn ranks(&self, row: usize) -> (Rank, Rank) {
        (self.population.ranks[row], self.pending.rows().ranks[row])
    }

    /// Takes the trials that are as good as their parents or better; `each` is told of them first.
    pub(super) fn take_trials(&mut self, mut each: impl FnMut(usize, (Rank, Rank), &[f64])) {
        let genes = self.axes.len();
        for row in 0..self.population.len() {
            let (parent, trial) = self.ranks(row);
            if trial > parent {
                continue;
            }
            let at = row * genes..(row + 1) * genes;
            each(row, (parent, trial), &self.positions()[at.clone()]);
            if trial < parent {
                self.improved = self.pending.first();
            }
            self.population.copy_row(row, self.pending.rows(), row);
            if !self.axes.plain {
                self.positions[at.clone()].copy_from_slice(&self.trial_positions[at]);
            }
        }
    }

    /// Keeps the best `size` of the population, in the order they stand.
    pub(super) fn shrink(&mut self, size: usize) {
        if size >= self.population.len() {
            return;
        }
        let genes = self.axes.len();
        let mut rows: Vec<usize> = (0..self.population.len()).collect();
        rows.select_nth_unstable_by_key(size, |row| standing(&self.population, *row));
        rows.truncate(size);
        rows.sort_unstable();
        self.spare.clear();
        for (to, from) in rows.into_iter().enumerate() {
            self.spare.push(&self.population, from);
            if !self.axes.plain {
                self.positions.copy_within(from * genes..(from + 1) * genes, to * genes);
            }
        }
        if !self.axes.plain {
            self.positions.truncate(size * genes);
        }
        std::mem::swap(&mut self.population, &mut self.spare);
    }

    /// Ends the generation that is taken.
    pub(super) fn close(&mut self) -> Committed<'_> {
        let generation = self.generation;
        self.generation += 1;
        self.kept.show(&self.population);
        Committed {
            generation,
            generation_ends: true,
            candidates: self.pending.rows(),
            population: self.kept.shown(&self.population),
        }
    }
}
