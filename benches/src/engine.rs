//! The engine, driven as a run drives it, on one thread.

use std::{hint::black_box, num::NonZero, sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{Committed, FailureRank, Genetic, GeneticConfig, GeneticOptions},
    drive::{Observer, ObserverError, drive},
    parallel::Threads,
    problem::Problem,
    search::{Progress, Search},
    space::Genomes,
    stop::{FailurePolicy, StopRule, StopRules},
};

/// Runs `generations` after the first, digest and a summary of every generation included; the best value found.
pub(crate) fn run(problem: &Arc<dyn Problem>, population: usize, generations: u64, seed: u64) -> f64 {
    let signature = Arc::new(problem.signature());
    let options = GeneticOptions { population: Some(population), ..GeneticOptions::default() };
    let config = GeneticConfig {
        settings: options.resolve(&signature.space, 1),
        seed,
        island: 0,
        batch: 1,
        failure_rank: FailureRank::Worst,
        start: Genomes::default(),
        signature: signature.clone(),
    };
    let algorithm = Genetic::new(config).expect("the options are valid");
    let rules = StopRules { any: vec![StopRule::Generations(generations + 1)], all: Vec::new() };
    let mut search = Search::new(Box::new(algorithm), signature, rules, FailurePolicy::default());
    let mut evaluator = Threads::new(problem.clone(), seed, NonZero::<usize>::MIN);
    let mut summaries = Summaries::default();
    drive(&mut search, &mut evaluator, &mut summaries).expect("the run goes through");
    black_box(&summaries.of);
    black_box(search.progress().digest.value());
    search.progress().best.outcomes.objectives[0]
}

/// What a history keeps of each generation: the best, the mean and the worst of the population.
#[derive(Default)]
struct Summaries {
    of: Vec<[f64; 3]>,
}

impl Observer for Summaries {
    fn elapsed(&mut self) -> Duration {
        Duration::ZERO
    }

    fn interrupted(&mut self) -> bool {
        false
    }

    fn committed(&mut self, committed: Committed<'_>, _progress: &Progress) -> Result<(), ObserverError> {
        if committed.generation_ends {
            let values = &committed.population.outcomes.objectives;
            let mut summary = [f64::INFINITY, 0.0, f64::NEG_INFINITY];
            for value in values {
                summary = [summary[0].min(*value), summary[1] + value, summary[2].max(*value)];
            }
            summary[1] /= values.len() as f64;
            self.of.push(summary);
        }
        Ok(())
    }

    fn boundary(&mut self, _search: &Search) -> Result<(), ObserverError> {
        Ok(())
    }
}
