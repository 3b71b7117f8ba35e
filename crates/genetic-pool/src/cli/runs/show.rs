//! `runs show`.

mod candidate;
mod facts;

use clap::Args;
use genetic_pool_evolve::problem::CandidateId;
use jiff::tz::TimeZone;

use self::facts::Facts;
use super::{Context, Exit, open};
use crate::{cli::error::CliError, store::Home};

/// Shows a run: what came out, the forecast beside the fact, its history, failures and environment
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool runs show
  genetic-pool runs show k3f9 --candidate 17")]
pub(super) struct Show {
    /// The run
    #[arg(value_name = "RUN", default_value = "latest")]
    run: String,
    /// Shows one candidate: its genome, its outcome, and what its evaluation printed
    #[arg(long, value_name = "ID")]
    candidate: Option<CandidateId>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(self, home: &Home, context: &Context<'_>) -> Result<Exit, CliError> {
        let reader = open(home, &self.run)?;
        if let Some(candidate) = self.candidate {
            let Some(record) = reader.candidate(candidate)? else {
                let list = format!("{} runs export {} --format csv --what journal", context.program, reader.id());
                return Err(CliError::unknown("candidate", &candidate.to_string(), [], list));
            };
            if self.json {
                context.printer.json(&candidate::to_json(&reader, &record))?;
            } else {
                context.printer.data(candidate::text(&reader, &record).join("\n"))?;
            }
            return Ok(Exit::Ok);
        }
        let facts = Facts::read(&reader)?;
        if self.json {
            context.printer.json(&facts.to_json())?;
            return Ok(Exit::Ok);
        }
        context.printer.data(facts.text(&TimeZone::system()).join("\n"))?;
        if facts.state.can_resume() {
            context.printer.next(&[format!("{} resume {}", context.program, facts.id)]);
        }
        Ok(Exit::Ok)
    }
}
