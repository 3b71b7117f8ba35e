//! `problems [NAME]`.

use std::path::Path;

use clap::Args;
use genetic_pool_evolve::problem::Signature;
use serde_json::{Value, json};

use super::{Context, Exit, error::CliError, signature};
use crate::registry::{OptionDoc, RegisteredProblem};

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
        let example = if problems.contains_key("rastrigin") {
            "rastrigin"
        } else {
            problems.keys().next().map_or("NAME", String::as_str)
        };
        context.printer.next(&[
            format!("{} problems {example}", context.program),
            format!("{} new builtin first-try   # an experiment that names one of them", context.program),
        ]);
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
                "options": problem.options.iter().map(option_json).collect::<Vec<_>>(),
                "defaults": signature.as_ref().map(signature::json),
            }));
        }
        context.printer.data(lines(name, problem, signature.as_ref()).join("\n"))
    }
}

fn lines(name: &str, problem: &RegisteredProblem, signature: Option<&Signature>) -> Vec<String> {
    let about = problem.about.trim_end();
    let mut lines = vec![if about.is_empty() { name.to_owned() } else { format!("{name}: {about}") }];
    if !problem.options.is_empty() {
        lines.extend([String::new(), "options of [problem]:".to_owned()]);
    }
    let width = problem.options.iter().map(|option| option.name.chars().count()).max().unwrap_or(0);
    for option in &problem.options {
        let default = option.default.as_ref().map(|default| format!("default {default}"));
        let about: Vec<&str> = [option.about.as_str(), default.as_deref().unwrap_or_default()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect();
        lines.push(format!("  {:<width$}  {}", option.name, about.join("; ")).trim_end().to_owned());
    }
    if let Some(signature) = signature {
        lines.push(String::new());
        if !problem.options.is_empty() {
            lines.push("without options:".to_owned());
        }
        lines.extend(signature::lines(signature));
    }
    lines
}

fn option_json(option: &OptionDoc) -> Value {
    json!({ "name": option.name, "about": option.about, "default": option.default })
}

/// What the problem is without options, where it can do without.
fn built(problem: &RegisteredProblem) -> Option<Signature> {
    let problem = (problem.build)(&json!({}), Path::new(".")).ok()?;
    Some(problem.signature())
}
