//! Orders jobs on one machine so that they are least late. The program is the whole command line of genetic-pool:
//!
//! ```console
//! cargo run --release -- run experiment.toml
//! ```

use std::process::ExitCode;

use genetic_pool::prelude::*;
use serde::{Deserialize, Deserializer, de::Error};

fn main() -> ExitCode {
    App::new().problem::<{{type}}>("{{name}}").main()
}

/// The problem; its fields are `[problem.options]` of the experiment.
#[derive(Deserialize)]
struct {{type}} {
    #[serde(deserialize_with = "some_jobs")]
    jobs: Vec<Job>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Job {
    duration: f64,
    due: f64,
    weight: f64,
}

impl Problem for {{type}} {
    fn signature(&self) -> Signature {
        let order = Parameter::new("order", Domain::Permutation { size: self.jobs.len() });
        Signature {
            space: Space::new(vec![order]).expect("there is a job"),
            goals: vec![Goal { name: "lateness".into(), direction: Direction::Minimize }],
            constraints: vec![],
            measures: vec!["late".into()],
        }
    }

    /// Must be a function of `genome` and `trial.seed` alone; an `Err` is this candidate's failure.
    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let (mut time, mut lateness, mut late) = (0.0, 0.0, 0.0);
        for &item in genome.permutation() {
            let job = &self.jobs[item as usize];
            time += job.duration;
            if time > job.due {
                lateness += job.weight * (time - job.due);
                late += 1.0;
            }
        }
        outcome.objectives[0] = lateness;
        outcome.measures[0] = late;
        Ok(())
    }
}

fn some_jobs<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Job>, D::Error> {
    let jobs = Vec::<Job>::deserialize(deserializer)?;
    if jobs.is_empty() { Err(D::Error::custom("there are no jobs")) } else { Ok(jobs) }
}
