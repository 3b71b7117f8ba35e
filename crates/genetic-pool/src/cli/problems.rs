//! `problems [NAME]`.

use std::path::Path;

use clap::Args;
use serde_json::{Value, json};

use super::{Context, Exit, error::CliError, signature};
use crate::registry::RegisteredProblem;

/// Lists the Rust problems this program knows, or explains one
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool problems
  genetic-pool problems rastrigin")]
pub(super) struct Problems {
    /// The problem to explain
    name: Option<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Problems {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        match &self.name {
            None => self.list(context)?,
            Some(name) => self.explain(name, context)?,
        }
        Ok(Exit::Ok)
    }

    fn list(&self, context: &Context<'_>) -> Result<(), CliError> {
        let problems = &context.registry.problems;
        if self.json {
            let list: Vec<Value> =
                problems.iter().map(|(name, problem)| json!({ "name": name, "about": problem.about })).collect();
            return context.printer.json(&json!({ "format": 1, "problems": list }));
        }
        let width = problems.keys().map(String::len).max().unwrap_or(0);
        for (name, problem) in problems {
            let line = problem.about.lines().next().unwrap_or_default();
            context.printer.data(format!("{name:<width$}  {line}").trim_end())?;
        }
        context
            .printer
            .next(&[format!("{} problems NAME", context.program), format!("{} new builtin NAME", context.program)]);
        Ok(())
    }

    fn explain(&self, name: &str, context: &Context<'_>) -> Result<(), CliError> {
        let problems = &context.registry.problems;
        let Some(problem) = problems.get(name) else {
            let list = format!("{} problems", context.program);
            return Err(CliError::unknown("problem", name, problems.keys().map(String::as_str), list));
        };
        let signature = built(problem);
        if self.json {
            return context.printer.json(&json!({
                "format": 1,
                "name": name,
                "about": problem.about,
                "defaults": signature.as_ref().map(signature::json),
            }));
        }
        context.printer.data(format!("{name}: {}", problem.about.trim_end()))?;
        if let Some(signature) = signature {
            context.printer.data("\nwithout options:")?;
            for line in signature::lines(&signature) {
                context.printer.data(line)?;
            }
        }
        Ok(())
    }
}

/// What the problem is without options, where it can do without.
fn built(problem: &RegisteredProblem) -> Option<genetic_pool_evolve::problem::Signature> {
    let problem = (problem.build)(&json!({}), Path::new(".")).ok()?;
    Some(problem.signature())
}
