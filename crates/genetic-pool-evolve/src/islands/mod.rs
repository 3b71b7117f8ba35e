//! Islands: unlike algorithms side by side, each on its own candidates, which send each other some of the best.

mod emigration;
mod island;
mod log;
mod settings;
mod state;
mod topology;

use std::{cell::OnceCell, collections::BTreeSet};

pub use self::{
    emigration::Emigration,
    island::Island,
    settings::{IslandsOptions, IslandsSettings},
    topology::Topology,
};
use self::{
    island::{Phase, Rules, Stage},
    log::Log,
};
use crate::{
    algorithms::{Algorithm, Committed, ConfigError, Population, RestoreError, Setup, Snapshot, TellError, standing},
    evaluator::{Batch, Results},
    outcomes::OutcomeShape,
    problem::CandidateId,
};

/// An algorithm made of algorithms.
///
/// Each island has its own candidates (their ids begin with its number), its own chance and its own share of the budget.
/// It goes its own way for an epoch: `every` committed candidates, and then to the end of its unit. There it sends copies
/// of some of its population, and takes in those that others sent at the end of the epoch `lag` before. Other than by
/// that mail no island knows of another or waits for one, so that all of them are a function of the seed, wherever and
/// in whatever order they run.
///
/// Seen from outside, units are committed in one order: by epoch, then by island. An island runs up to `lag` epochs
/// ahead of what is committed; its units stand in a queue until it is their turn.
///
/// Parallel populations with migration: R. Tanese: Distributed genetic algorithms. ICGA 1989; unlike algorithms on them:
/// D. Izzo, M. Ruciński, F. Biscani: The generalized island model. Studies in Computational Intelligence 415, 2012,
/// [doi:10.1007/978-3-642-28789-3_7](https://doi.org/10.1007/978-3-642-28789-3_7).
///
/// An island's population is looked at where a generation of it ends, where an epoch of it ends, and where half of it
/// may be new: [`population`](Algorithm::population) is all of them as they were last looked at.
pub struct Islands {
    settings: IslandsSettings,
    /// By island: who sends to it.
    sources: Vec<Vec<usize>>,
    /// By island: where it sends to.
    destinations: Vec<Vec<usize>>,
    places: Vec<Place>,
    /// Whose units are committed next: the epoch, and the island.
    turn: (u64, usize),
    /// The unit committed last.
    unit: Population,
    /// All populations together.
    all: OnceCell<Population>,
    budget: Option<u64>,
}

/// Where an island belongs.
struct Place {
    setup: Setup,
    /// None while it is run elsewhere.
    island: Option<Box<Island>>,
    /// Where it stood when it was last here.
    stage: Stage,
    /// What it has committed and nobody has seen yet.
    log: Log,
    /// Who left it at the end of which epoch, as long as somebody may read it.
    posts: Vec<(u64, Population)>,
    /// Its population as it was last looked at.
    population: Population,
}

impl Islands {
    /// Its name.
    pub const NAME: &str = "islands";
    /// The version of its semantics, beside those of the algorithms on the islands.
    pub const VERSION: u32 = 1;

    /// The islands before their first candidates.
    pub fn new(setup: &Setup, settings: IslandsSettings) -> Result<Islands, ConfigError> {
        settings.check(setup)?;
        let rules = Islands::rules(setup, &settings);
        let shape = setup.signature.space.layout().shape;
        let none = Population::new(shape, OutcomeShape::of(&setup.signature), 0);
        let mut places = Vec::with_capacity(settings.islands.len());
        for (settings, setup) in settings.islands.iter().zip(settings.setups(setup)) {
            let island = Island::new(setup.island, rules, setup.budget, settings.begin(setup.clone())?);
            places.push(Place {
                setup,
                stage: island.state().stage,
                // What was known before the run stands in it already.
                population: island.population().clone(),
                island: Some(Box::new(island)),
                log: Log::default(),
                posts: Vec::new(),
            });
        }
        let sources = settings.topology.sources(places.len(), setup.seed);
        let mut destinations = vec![Vec::new(); places.len()];
        for (to, from) in sources.iter().enumerate() {
            for from in from {
                destinations[*from].push(to);
            }
        }
        Ok(Islands {
            settings,
            sources,
            destinations,
            places,
            turn: (0, 0),
            unit: none,
            all: OnceCell::new(),
            budget: setup.budget,
        })
    }

    fn rules(setup: &Setup, settings: &IslandsSettings) -> Rules {
        Rules {
            seed: setup.seed,
            every: settings.every,
            migrants: settings.migrants,
            emigration: settings.emigration,
            replacement: settings.replacement,
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Never: there is at least one.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Forgets what has been asked for and not committed: it is asked for again.
    pub fn recall(&mut self) -> Result<(), RestoreError> {
        for (place, settings) in self.places.iter_mut().zip(&self.settings.islands) {
            if let Some(island) = place.island.take() {
                let algorithm = settings.restore(place.setup.clone(), &island.snapshot())?;
                place.island = Some(Box::new(island.with(algorithm)));
            }
        }
        Ok(())
    }

    /// Takes out an island that can be run now, the one that is furthest behind; `None`: there is none.
    ///
    /// It comes back by [`give_back`](Islands::give_back). Nothing of an island that is run this way may be asked for.
    pub fn take_out(&mut self) -> Option<Box<Island>> {
        let here = |place: &&mut Place| place.island.is_some() && place.stage.phase == Phase::Running;
        let behind = |place: &&mut Place| (place.stage.epoch, place.island.as_ref().map_or(0, |island| island.asked()));
        self.places.iter_mut().filter(here).min_by_key(behind)?.island.take()
    }

    /// Takes back an island that was taken out.
    pub fn give_back(&mut self, island: Box<Island>) {
        let place = &mut self.places[usize::from(island.index())];
        place.island = Some(island);
        place.fetch();
        self.deliver();
    }

    /// Whether the next unit is known, or that there is none.
    pub fn is_ready(&self) -> bool {
        self.next_turn().is_none_or(|(epoch, island)| self.places[island].log.next(epoch).is_some())
    }

    /// Whether none is taken out.
    pub fn are_in(&self) -> bool {
        self.places.iter().all(|place| place.island.is_some())
    }

    /// Whose turn it is, of which epoch; `None`: all have ended, and all is committed.
    fn next_turn(&self) -> Option<(u64, usize)> {
        let (mut epoch, mut island) = self.turn;
        if self.places.iter().all(|place| place.stage.phase == Phase::Ended && place.log.is_empty()) {
            return None;
        }
        // One of them is in this epoch or has units of it, or else of the next.
        loop {
            let place = &self.places[island];
            if place.log.next(epoch).is_some() || !place.stage.is_past(epoch) {
                return Some((epoch, island));
            }
            island += 1;
            if island == self.places.len() {
                (epoch, island) = (epoch + 1, 0);
            }
        }
    }

    /// Has islands that wait begin their next epoch, where the mail they wait for is there.
    fn deliver(&mut self) {
        let mut any = true;
        while any {
            any = false;
            for to in 0..self.places.len() {
                if !self.can_begin(to) {
                    continue;
                }
                let immigrants = self.mail(to);
                let place = &mut self.places[to];
                if let Some(island) = &mut place.island {
                    island.begin_epoch(&immigrants);
                    island.commit();
                    place.fetch();
                    any = true;
                }
            }
        }
        self.drop_read();
    }

    fn can_begin(&self, to: usize) -> bool {
        let place = &self.places[to];
        let Stage { epoch, phase } = place.stage;
        let sent = epoch.checked_sub(self.settings.lag);
        place.island.is_some()
            && phase == Phase::Waiting
            && epoch < self.turn.0.saturating_add(self.settings.lag)
            && sent.is_none_or(|sent| self.sources[to].iter().all(|from| self.places[*from].stage.is_past(sent)))
    }

    /// Who comes to island `to` at the end of its epoch: the best first, none twice.
    fn mail(&self, to: usize) -> Population {
        let shape = (self.unit.genomes.shape, self.unit.outcomes.shape);
        let mut mail = Population::new(shape.0, shape.1, 0);
        let Some(sent) = self.places[to].stage.epoch.checked_sub(self.settings.lag) else { return mail };
        let mut all: Vec<(&Population, usize)> = Vec::new();
        for from in &self.sources[to] {
            let posts = self.places[*from].posts.iter().filter(|(epoch, _)| *epoch == sent);
            all.extend(posts.flat_map(|(_, post)| (0..post.len()).map(move |row| (post, row))));
        }
        all.sort_by_key(|(post, row)| standing(post, *row));
        all.dedup_by_key(|(post, row)| post.candidates[*row]);
        for (post, row) in all {
            mail.push(post, row);
        }
        mail
    }

    /// Drops the mail that nobody is to read any more.
    fn drop_read(&mut self) {
        for from in 0..self.places.len() {
            let mut posts = std::mem::take(&mut self.places[from].posts);
            posts.retain(|(epoch, _)| self.is_unread(from, *epoch));
            self.places[from].posts = posts;
        }
    }

    fn is_unread(&self, from: usize, epoch: u64) -> bool {
        let unread = |to: &usize| {
            let stage = self.places[*to].stage;
            stage.phase != Phase::Ended && stage.epoch <= epoch.saturating_add(self.settings.lag)
        };
        self.destinations[from].iter().any(unread)
    }
}

impl Place {
    /// Takes over what its island has committed.
    fn fetch(&mut self) {
        let Some(island) = &mut self.island else { return };
        let ended = island.state().stage;
        if let Some(post) = island.fetch(&mut self.log)
            && !post.is_empty()
        {
            self.posts.push((ended.epoch, post));
        }
        self.stage = ended;
    }
}

impl Algorithm for Islands {
    /// The candidates are of one island: of the one that has given the fewest.
    fn ask(&mut self, room: usize, batch: &mut Batch) {
        let shape = self.unit.genomes.shape;
        batch.clear(shape);
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|island| self.places[*island].island.as_ref().map_or(u64::MAX, |island| island.asked()));
        for island in order {
            if let Some(island) = &mut self.places[island].island {
                island.ask(room, batch);
                if !batch.candidates.is_empty() {
                    return;
                }
            }
        }
        batch.clear(shape);
    }

    fn tell(&mut self, results: &Results) -> Result<(), TellError> {
        let (candidates, outcomes) = (&results.candidates, &results.outcomes);
        let mixed = candidates.iter().any(|id| id.island() != candidates[0].island());
        if candidates.len() != outcomes.rows {
            return Err(TellError::Lengths { candidates: candidates.len(), rows: outcomes.rows });
        }
        if !mixed {
            let Some(first) = candidates.first() else { return Ok(()) };
            let island = self.place(*first)?;
            island.tell(results)?;
            self.after(first.island());
            return Ok(());
        }
        // All of them are right, or nothing is taken.
        if outcomes.shape != self.unit.outcomes.shape || !outcomes.is_consistent() {
            return Err(TellError::Shape);
        }
        crate::algorithms::check_numbers(results)?;
        let mut known = BTreeSet::new();
        for candidate in candidates {
            self.place(*candidate)?.check(*candidate)?;
            if !known.insert(candidate) {
                return Err(TellError::Duplicate { candidate: *candidate });
            }
        }
        let islands: BTreeSet<u16> = candidates.iter().map(|id| id.island()).collect();
        for island in islands {
            let mut part = Results::default();
            part.clear(outcomes.shape);
            for (row, candidate) in candidates.iter().enumerate().filter(|(_, id)| id.island() == island) {
                part.push(*candidate, outcomes, row, 0.0);
            }
            self.place(part.candidates[0])?.tell(&part)?;
            self.after(island);
        }
        Ok(())
    }

    fn commit(&mut self) -> Option<Committed<'_>> {
        let turn = self.next_turn()?;
        if turn != self.turn {
            self.turn = turn;
            self.deliver();
        }
        let (epoch, island) = turn;
        let place = &mut self.places[island];
        place.log.next(epoch)?;
        let unit = place.log.take(&mut self.unit, &mut place.population)?;
        self.all.take();
        Some(Committed {
            generation: unit.generation,
            generation_ends: unit.generation_ends,
            candidates: &self.unit,
            population: &self.places[island].population,
        })
    }

    /// Where all have ended: more than the budget leaves.
    fn next_unit(&self) -> usize {
        let Some((epoch, island)) = self.next_turn() else {
            let budget = self.budget.unwrap_or(0).saturating_add(1);
            return usize::try_from(budget).unwrap_or(usize::MAX);
        };
        let place = &self.places[island];
        let here = || place.island.as_ref().map_or(1, |island| island.next_unit());
        place.log.next(epoch).map_or_else(here, |unit| unit.rows)
    }

    fn islands(&mut self) -> Option<&mut Islands> {
        Some(self)
    }

    fn next_island(&self) -> Option<u16> {
        self.next_turn().map(|(_, island)| island as u16)
    }

    fn population(&self) -> &Population {
        self.all.get_or_init(|| {
            let mut all = Population::new(self.unit.genomes.shape, self.unit.outcomes.shape, 0);
            let mut known = BTreeSet::new();
            for population in self.places.iter().map(|place| &place.population) {
                // Who migrated is on several islands.
                for row in 0..population.len() {
                    if known.insert(population.candidates[row]) {
                        all.push(population, row);
                    }
                }
            }
            all
        })
    }

    /// While all islands are in.
    fn snapshot(&self) -> Snapshot {
        state::snapshot(self)
    }
}

impl Islands {
    /// The island of `candidate`.
    fn place(&mut self, candidate: CandidateId) -> Result<&mut Island, TellError> {
        let place = self.places.get_mut(usize::from(candidate.island()));
        place.and_then(|place| place.island.as_deref_mut()).ok_or(TellError::Unknown { candidate })
    }

    /// Commits what an island can, after outcomes came in.
    fn after(&mut self, island: u16) {
        let place = &mut self.places[usize::from(island)];
        let before = place.stage;
        if let Some(island) = &mut place.island {
            island.commit();
        }
        place.fetch();
        if place.stage != before {
            self.deliver();
        }
    }
}
