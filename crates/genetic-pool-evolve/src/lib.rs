//! The evolutionary engine of genetic-pool: pure, exact, ask/tell.
//!
//! It knows nothing of files, clocks, processes, environment or networks. A [`Problem`](problem::Problem) says what is
//! optimised, an [`Algorithm`](algorithms::Algorithm) proposes candidates, an [`Evaluator`](evaluator::Evaluator) has
//! them evaluated, and [`drive`](drive::drive) is the only loop.
//!
//! # The answer
//! A closure, on every core, by the algorithm that suits it:
//! ```
//! use genetic_pool_evolve::prelude::*;
//!
//! let space = Space::new(vec![Parameter::new("x", Domain::real(-5.0, 5.0)).len(3)])?;
//! let bowl = Closure::minimize(space, |genome| genome.reals().iter().map(|x| (x - 1.0) * (x - 1.0)).sum());
//! let found = Optimization::new(bowl, StopRule::Evaluations(5_000)).run()?;
//! println!("{:?} at {:?}", found.objectives(), found.genome());
//! # assert!(found.objectives().unwrap()[0] < 0.1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//! A problem of one's own, with a constraint, and another algorithm:
//! ```
//! use genetic_pool_evolve::prelude::*;
//!
//! struct Can;
//!
//! impl Problem for Can {
//!     fn signature(&self) -> Signature {
//!         let length = |name| Parameter::new(name, Domain::real(1.0, 20.0));
//!         Signature {
//!             space: Space::new(vec![length("radius"), length("height")]).expect("the bounds are in order"),
//!             goals: vec![Goal { name: "sheet".into(), direction: Direction::Minimize }],
//!             constraints: vec![Constraint { name: "volume".into(), bound: Bound::Min(330.0) }],
//!             measures: vec![],
//!         }
//!     }
//!
//!     fn evaluate(&self, can: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
//!         let [radius, height] = can.reals() else { return Err(Failure::exception("two lengths are expected")) };
//!         outcome.objectives[0] = std::f64::consts::TAU * radius * (radius + height);
//!         outcome.constraints[0] = std::f64::consts::PI * radius * radius * height;
//!         Ok(())
//!     }
//! }
//!
//! let genetic = Options::Genetic(GeneticOptions { population: Some(40), ..GeneticOptions::default() });
//! let usual = Optimization::new(Can, StopRule::Evaluations(8_000));
//! let found = Optimization { algorithm: genetic, seed: 7, ..usual }.run()?;
//! # assert!(found.objectives().unwrap()[0] < 266.0, "{:?}", found.objectives());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Generation by generation
//! ```
//! # use genetic_pool_evolve::prelude::*;
//! # let space = Space::new(vec![Parameter::new("x", Domain::Bit).len(60)])?;
//! let ones = Closure::maximize(space, |genome| genome.bits().iter().map(|word| word.count_ones()).sum::<u32>() as f64);
//! let mut generations = Optimization::new(ones, StopRule::Generations(40)).generations()?;
//! for generation in generations.by_ref() {
//!     let generation = generation?;
//!     println!("{}: {:?}", generation.index, generation.best.outcomes.objectives);
//! }
//! println!("{:?}", generations.found().map(|found| found.evaluations));
//! # assert_eq!(generations.found().unwrap().objectives(), Some([60.0].as_slice()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # By hand
//! Candidates are asked for and told about in any order, and evaluated wherever their owner likes:
//! ```
//! # use genetic_pool_evolve::prelude::*;
//! # let space = Space::new(vec![Parameter::new("x", Domain::real(-5.0, 5.0)).len(3)])?;
//! # let signature = Closure::minimize(space, |_| 0.0).signature();
//! let stop = StopRules { any: vec![StopRule::Evaluations(2_000)], all: vec![] };
//! let mut search = AskTell::new(AskTellConfig { signature, algorithm: Options::Auto, seed: 1, parallel: 8, stop })?;
//! while search.stop().is_none() {
//!     for candidate in search.ask(8) {
//!         let value = candidate.genome().reals().iter().map(|x| x * x).sum();
//!         search.tell(candidate.id, &[value])?;
//!     }
//! }
//! println!("{:?}", search.search().progress().best.outcomes.objectives);
//! # assert!(search.search().progress().best.outcomes.objectives[0] < 0.5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

#![cfg_attr(
    test,
    expect(clippy::disallowed_methods, reason = "tests hold the engine against tables made with the host's maths")
)]

pub mod algorithms;
pub mod ask_tell;
pub mod closure;
pub mod digest;
pub mod drive;
pub mod evaluator;
pub mod indicators;
pub mod islands;
pub mod maths;
pub mod operators;
pub mod optimization;
pub mod outcomes;
pub mod parallel;
pub mod prelude;
pub mod problem;
pub mod problems;
pub mod progress;
pub mod random;
pub mod search;
pub mod space;
pub mod stop;
pub mod vector;
