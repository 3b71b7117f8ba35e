//! Islands at a commit boundary, to and from bytes.

use serde::{Deserialize, Serialize};

use super::{
    Islands, IslandsSettings, Place,
    island::{Island, State as Standing},
    log::{Chunk, Log},
};
use crate::{
    algorithms::{MOST_CANDIDATES, Population, RestoreError, Setup, Snapshot, check_genomes},
    outcomes::OutcomeShape,
};

/// The state between two units.
#[derive(Serialize, Deserialize)]
struct State {
    turn: (u64, u64),
    islands: Vec<IslandState>,
}

#[derive(Serialize, Deserialize)]
struct IslandState {
    algorithm: Snapshot,
    standing: Standing,
    log: Vec<Chunk>,
    posts: Vec<(u64, Population)>,
    population: Population,
}

pub(super) fn snapshot(islands: &Islands) -> Snapshot {
    let state = |place: &Place| {
        let Some(island) = &place.island else { unreachable!("a snapshot is taken while all islands are in") };
        IslandState {
            algorithm: island.snapshot(),
            standing: island.state(),
            log: place.log.state(),
            posts: place.posts.clone(),
            population: place.population.clone(),
        }
    };
    let state =
        State { turn: (islands.turn.0, islands.turn.1 as u64), islands: islands.places.iter().map(state).collect() };
    Snapshot::of(Islands::NAME, Islands::VERSION, &state)
}

impl Islands {
    /// The islands as they were at `snapshot`, which islands set up the same took.
    pub fn restore(setup: &Setup, settings: IslandsSettings, snapshot: &Snapshot) -> Result<Islands, RestoreError> {
        let mut restored = Islands::new(setup, settings).map_err(|source| RestoreError::Config { source })?;
        let State { turn: (epoch, island), islands } = snapshot.read(Islands::NAME, Islands::VERSION)?;
        if islands.len() != restored.places.len() || island >= islands.len() as u64 || epoch >= MOST_CANDIDATES {
            return Err(RestoreError::Shape);
        }
        restored.turn = (epoch, island as usize);
        let rules = Islands::rules(setup, &restored.settings);
        for (index, state) in islands.into_iter().enumerate() {
            check(&state, setup, index as u16)?;
            let place = &mut restored.places[index];
            let algorithm = restored.settings.islands[index].restore(place.setup.clone(), &state.algorithm)?;
            let island = Island::restore(index as u16, rules, place.setup.budget, algorithm, state.standing);
            place.stage = state.standing.stage;
            place.island = Some(Box::new(island));
            place.log = Log::restore(state.log);
            place.posts = state.posts;
            place.population = state.population;
        }
        restored.check_epochs()?;
        restored.deliver();
        Ok(restored)
    }

    /// Refuses islands that stand where they cannot have come to.
    fn check_epochs(&self) -> Result<(), RestoreError> {
        for (index, place) in self.places.iter().enumerate() {
            let (stage, unpublished) = (place.stage, self.turn.0 + u64::from(index < self.turn.1));
            let reached = unpublished == 0 || stage.is_past(unpublished - 1);
            let ahead = stage.epoch <= self.turn.0.saturating_add(self.settings.lag);
            let logged = place.log.epochs().all(|epoch| (unpublished..=stage.epoch).contains(&epoch));
            let unread = place.posts.iter().all(|(epoch, _)| stage.is_past(*epoch) && self.is_unread(index, *epoch));
            if !reached || !ahead || !logged || !unread {
                return Err(RestoreError::Shape);
            }
        }
        Ok(())
    }
}

/// Refuses what an island cannot have left.
fn check(state: &IslandState, setup: &Setup, island: u16) -> Result<(), RestoreError> {
    let IslandState { standing, log, posts, population, .. } = state;
    let most = MOST_CANDIDATES;
    let numbers = standing.committed < most
        && standing.in_epoch <= standing.committed
        && standing.unseen <= standing.committed
        && standing.stage.epoch <= standing.committed;
    let logged: usize = log.iter().map(|chunk| chunk.rows().len()).sum();
    let first = standing.committed.checked_sub(logged as u64);
    let consecutive = first.is_some_and(|first| {
        let ids = log.iter().flat_map(|chunk| &chunk.rows().candidates);
        ids.zip(first..).all(|(id, index)| id.island() == island && id.index() == index)
    });
    let fits = numbers
        && consecutive
        && log.iter().map(Chunk::epoch).is_sorted()
        && log.iter().all(Chunk::is_consistent)
        && posts.is_sorted_by(|a, b| a.0 < b.0);
    if !fits {
        return Err(RestoreError::Shape);
    }
    let shape = OutcomeShape::of(&setup.signature);
    let logged = log.iter().flat_map(|chunk| std::iter::once(chunk.rows()).chain(chunk.looks()));
    for population in logged.chain(posts.iter().map(|(_, post)| post)).chain([population]) {
        let mut ids = population.candidates.clone();
        ids.sort_unstable();
        let different = ids.is_sorted_by(|a, b| a < b) && ids.iter().all(|id| id.index() < most);
        if !population.is_consistent() || population.outcomes.shape != shape || !different {
            return Err(RestoreError::Shape);
        }
        check_genomes(&population.genomes, &setup.signature.space)?;
    }
    Ok(())
}
