//! An experiment in words.

use genetic_pool_evolve::{
    algorithms::FailureRank,
    problem::{Direction, Signature},
    stop::{StopRule, StopRules, Target},
};

use super::words;
use crate::experiment::{CommandMode, Experiment, Fitness, ProblemSettings, Then};

/// What evaluates, in a word or two: `berlin52`, `wing:simulate`, `./sim --fast`.
pub(crate) fn fitness(fitness: &Fitness) -> String {
    match fitness {
        Fitness::Registered { name } => name.clone(),
        Fitness::Python { module, function, .. } => format!("{module}:{function}"),
        Fitness::Command { command, .. } => command.join(" "),
    }
}

/// What evaluates and how: `wing:simulate, a Python function, in worker processes`.
pub(super) fn problem(experiment: &Experiment) -> String {
    let settings = &experiment.problem;
    let kind = match &settings.fitness {
        Fitness::Registered { .. } => "a problem of this program",
        Fitness::Python { interpreter: None, .. } => "Python",
        Fitness::Python { interpreter: Some(path), .. } => {
            return format!("{}, {}", fitness(&settings.fitness), path.display());
        }
        Fitness::Command { mode: CommandMode::Alive, .. } => "a command that is kept alive",
        Fitness::Command { mode: CommandMode::Once { .. }, .. } => "a command, started for each evaluation",
    };
    format!("{}, {kind}", fitness(&settings.fitness))
}

/// What one evaluation may take: `2 CPUs, 2 GiB of memory, 6 min`; `None` where nothing is limited.
pub(super) fn limits(settings: &ProblemSettings) -> Option<String> {
    let resources = settings.resources;
    let mut parts = Vec::new();
    if resources.cpus > 1 {
        parts.push(words::things(u64::from(resources.cpus), "CPU"));
    }
    parts.extend(resources.memory.map(|memory| format!("{} of memory", words::bytes(memory))));
    parts.extend(settings.timeout.map(words::duration));
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// What a failed evaluation leads to: `1 retry, then ranked last, stop after 50 failures`.
pub(super) fn on_failure(settings: &ProblemSettings) -> String {
    let policy = settings.on_failure;
    let mut parts = Vec::new();
    match policy.retries {
        0 => {}
        1 => parts.push("1 retry".to_owned()),
        retries => parts.push(format!("{retries} retries")),
    }
    parts.push(
        match policy.then {
            Then::Rank(FailureRank::Worst) => "ranked last",
            Then::Rank(FailureRank::Infeasible) => "ranked as infeasible",
            Then::Stop => "the run stops",
        }
        .to_owned(),
    );
    parts.extend(policy.stop_after.map(|failures| format!("stop after {}", words::things(failures, "failure"))));
    parts.join(", ")
}

/// When the run ends: `20,000 evaluations, or 40 h, or drag ≤ 0.021`.
pub(crate) fn stop(rules: &StopRules, signature: &Signature) -> String {
    let mut parts: Vec<String> = rules.any.iter().map(|rule| stop_rule(rule, signature)).collect();
    if !rules.all.is_empty() {
        let all: Vec<String> = rules.all.iter().map(|rule| stop_rule(rule, signature)).collect();
        parts.push(all.join(" and "));
    }
    parts.join(", or ")
}

fn stop_rule(rule: &StopRule, signature: &Signature) -> String {
    match rule {
        StopRule::Evaluations(most) => words::things(*most, "evaluation"),
        StopRule::Generations(most) => words::things(*most, "generation"),
        StopRule::Target(targets) => {
            let target = |target: &Target| {
                // The goal is one of the signature's; where it were not, the sentence would only lose its name.
                let (name, sign) = signature.goals.get(target.goal).map_or(("the goal", "="), |goal| {
                    (goal.name.as_str(), if goal.direction == Direction::Minimize { "≤" } else { "≥" })
                });
                format!("{name} {sign} {}", target.value)
            };
            let together = if targets.len() > 1 { " in one candidate" } else { "" };
            targets.iter().map(target).collect::<Vec<_>>().join(" with ") + together
        }
        StopRule::Stall(most) if signature.goals.len() > 1 => {
            format!("{} without a new candidate on the front", words::things(*most, "evaluation"))
        }
        StopRule::Stall(most) => format!("{} without a better candidate", words::things(*most, "evaluation")),
        StopRule::HypervolumeStall(most) => {
            format!("{} without a hypervolume greater by a thousandth", words::things(*most, "evaluation"))
        }
        StopRule::Spread(most) => format!("a spread of {most} or less"),
        StopRule::Time(most) => words::duration(*most),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use genetic_pool_evolve::{problem::Goal, space::Space};

    use super::*;
    use crate::experiment::{Exactness, OnFailure, Resources};

    #[test]
    fn stop_rules_read_as_one_sentence() {
        let signature = Signature {
            space: Space::new(vec![]).unwrap(),
            goals: vec![Goal { name: "lift".into(), direction: Direction::Maximize }],
            constraints: vec![],
            measures: vec![],
        };
        let rules = StopRules {
            any: vec![
                StopRule::Evaluations(20_000),
                StopRule::Time(Duration::from_hours(40)),
                StopRule::Target(vec![Target { goal: 0, value: 2.5 }]),
            ],
            all: vec![StopRule::Stall(500), StopRule::Spread(1e-6)],
        };
        assert_eq!(
            stop(&rules, &signature),
            "20,000 evaluations, or 40 h, or lift ≥ 2.5, or 500 evaluations without a better candidate and a spread of \
             0.000001 or less"
        );
    }

    #[test]
    fn limits_and_failures_are_said_where_there_are_any() {
        let mut settings = ProblemSettings {
            fitness: Fitness::Command { command: vec!["./sim".into(), "-q".into()], mode: CommandMode::Alive },
            options: serde_json::json!({}),
            files: vec![],
            environment: vec![],
            resources: Resources { cpus: 1, memory: None },
            timeout: None,
            on_failure: OnFailure { retries: 0, then: Then::Stop, stop_after: None },
            keep: vec![],
            batch: 1,
            exactness: Exactness::Exact,
        };
        assert_eq!(limits(&settings), None);
        assert_eq!(on_failure(&settings), "the run stops");
        assert_eq!(fitness(&settings.fitness), "./sim -q");
        settings.resources = Resources { cpus: 2, memory: Some(2 << 30) };
        settings.timeout = Some(Duration::from_mins(6));
        settings.on_failure = OnFailure { retries: 1, then: Then::Rank(FailureRank::Worst), stop_after: Some(50) };
        assert_eq!(limits(&settings).unwrap(), "2 CPUs, 2 GiB of memory, 6 min");
        assert_eq!(on_failure(&settings), "1 retry, ranked last, stop after 50 failures");
    }
}
