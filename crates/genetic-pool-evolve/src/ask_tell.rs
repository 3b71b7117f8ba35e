//! A search that is asked and told by hand.

use std::{sync::Arc, time::Duration};

use crate::{
    algorithms::{ConfigError, Options, Setup, TellError},
    evaluator::{Batch, Results},
    outcomes::{OutcomeShape, Outcomes},
    problem::{CandidateId, Failure, Signature},
    search::Search,
    space::{Genome, Genomes},
    stop::{FailurePolicy, StopReason, StopRules},
};

/// A search whose candidates are evaluated wherever its owner likes, in any order.
///
/// What comes out is a function of the settings and the outcomes alone, whatever the order in which they are told. See
/// [the crate's documentation](crate#by-hand) for an example.
pub struct AskTell {
    search: Search,
    signature: Arc<Signature>,
    shape: OutcomeShape,
    stop: Option<StopReason>,
    batch: Batch,
    results: Results,
}

/// What an [`AskTell`] is set up from.
#[derive(Clone, Debug)]
pub struct AskTellConfig {
    /// The space, the goals and the constraints.
    pub signature: Signature,
    /// Which algorithm.
    pub algorithm: Options,
    /// The seed of all chance.
    pub seed: u64,
    /// How many evaluations the search is shaped for at once, at least 1.
    pub parallel: usize,
    /// When it ends; rules of time never hold here.
    pub stop: StopRules,
}

/// A candidate to be evaluated.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// What it is told by.
    pub id: CandidateId,
    signature: Arc<Signature>,
    genomes: Genomes,
}

impl AskTell {
    /// The search before its first candidate.
    pub fn new(config: AskTellConfig) -> Result<AskTell, ConfigError> {
        let AskTellConfig { signature, algorithm, seed, parallel, stop } = config;
        let signature = Arc::new(signature);
        let choice = algorithm.choose(&signature, stop.budget(), parallel)?;
        let setup = Setup { budget: stop.budget(), ..Setup::new(signature.clone(), seed) };
        let shape = OutcomeShape::of(&signature);
        let search = Search::new(choice.settings.begin(setup)?, signature.clone(), stop, FailurePolicy::default());
        let mut new =
            AskTell { search, signature, shape, stop: None, batch: Batch::default(), results: Results::default() };
        new.commit();
        Ok(new)
    }

    /// Up to `room` further candidates: none where the search has ended, or has to be told of others first.
    pub fn ask(&mut self, room: usize) -> Vec<Candidate> {
        if self.stop.is_some() {
            return Vec::new();
        }
        self.search.ask(room, &mut self.batch);
        let signature = &self.signature;
        let candidate = |(row, id): (usize, &CandidateId)| {
            let mut genomes = signature.space.genomes(0);
            genomes.extend(&self.batch.genomes, row..row + 1);
            Candidate { id: *id, signature: signature.clone(), genomes }
        };
        self.batch.candidates.iter().enumerate().map(candidate).collect()
    }

    /// Takes the objectives of candidate `id`, where there are no constraints and measures.
    pub fn tell(&mut self, id: CandidateId, objectives: &[f64]) -> Result<(), TellError> {
        self.tell_all(id, objectives, &[], &[])
    }

    /// Takes all outputs of candidate `id`, in the order of the signature.
    pub fn tell_all(
        &mut self,
        id: CandidateId,
        objectives: &[f64],
        constraints: &[f64],
        measures: &[f64],
    ) -> Result<(), TellError> {
        let shape =
            OutcomeShape { objectives: objectives.len(), constraints: constraints.len(), measures: measures.len() };
        let mut outcomes = Outcomes::new(shape, 1);
        let row = outcomes.row_mut(0);
        row.objectives.copy_from_slice(objectives);
        row.constraints.copy_from_slice(constraints);
        row.measures.copy_from_slice(measures);
        self.take(id, &outcomes)
    }

    /// Takes that candidate `id` could not be evaluated.
    pub fn fail(&mut self, id: CandidateId, failure: Failure) -> Result<(), TellError> {
        let mut outcomes = Outcomes::new(self.shape, 1);
        outcomes.fail(0, failure);
        self.take(id, &outcomes)
    }

    /// Why the search has ended, once it has.
    pub fn stop(&self) -> Option<&StopReason> {
        self.stop.as_ref()
    }

    /// The search: what it has found so far, its population, its snapshot.
    pub fn search(&self) -> &Search {
        &self.search
    }

    fn take(&mut self, id: CandidateId, outcomes: &Outcomes) -> Result<(), TellError> {
        self.results.clear(outcomes.shape);
        self.results.push(id, outcomes, 0, 0.0);
        self.search.tell(&self.results)?;
        self.commit();
        Ok(())
    }

    fn commit(&mut self) {
        loop {
            self.stop = self.search.stop(Duration::ZERO);
            if self.stop.is_some() || self.search.commit().is_none() {
                return;
            }
        }
    }
}

impl Candidate {
    /// Its genome.
    pub fn genome(&self) -> Genome<'_> {
        Genome::new(&self.signature.space, &self.genomes, 0)
    }
}
