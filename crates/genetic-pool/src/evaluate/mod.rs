//! x
use genetic_pool_evolve::{evaluator::{Evaluator, EvaluatorError}, parallel::Threads};
use crate::{experiment::Experiment, registry::Registry, store::Interpreter};
#[derive(Clone, Default)]
pub struct Options { pub slots: usize, pub processes: bool }
pub fn evaluator(experiment: &Experiment, _registry: &Registry, options: Options) -> Result<Box<dyn Evaluator>, EvaluatorError> {
    let problem = experiment.registered.clone().ok_or(EvaluatorError { message: "no".into(), hint: None, source: None })?;
    Ok(Box::new(Threads::new(problem, experiment.seed, std::num::NonZero::new(options.slots).unwrap_or(std::num::NonZero::<usize>::MIN))))
}
pub fn interpreter_of(_: &Experiment) -> Result<Option<Interpreter>, EvaluatorError> { Ok(None) }
