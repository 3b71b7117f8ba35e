//! What valid files mean.

use std::{path::Path, time::Duration};

use genetic_pool_evolve::{
    algorithms::{FailureRank, GeneticOptions, Options, Schedule},
    problem::{Bound, Direction},
    space::{Domain, Genome, Level, Scale},
    stop::{StopRule, StopRules},
};

use super::meaning;
use crate::experiment::{
    CommandMode, Exactness, Fitness, Keep, OnFailure, Resources, ResultSource, Then, genome_to_json,
};

#[test]
fn defaults() {
    let experiment = meaning("");
    assert_eq!((experiment.seed, experiment.parallel), (0, 16));
    let problem = &experiment.problem;
    let (module, function) = ("model".to_owned(), "evaluate".to_owned());
    assert_eq!(problem.fitness, Fitness::Python { module, function, interpreter: None });
    assert_eq!(problem.options, serde_json::json!({}));
    assert_eq!(problem.resources, Resources { cpus: 1, memory: None });
    assert_eq!(problem.on_failure, OnFailure { retries: 0, then: Then::Rank(FailureRank::Worst), stop_after: None });
    assert_eq!((problem.timeout, problem.batch, problem.exactness), (None, 1, Exactness::Exact));
    assert_eq!(problem.keep, [Keep::Failures]);
    assert_eq!(experiment.algorithm, Options::Auto);
    assert_eq!(experiment.start.rows, 0);
    assert_eq!(experiment.stop, StopRules { any: vec![StopRule::Evaluations(100)], all: Vec::new() });
    assert_eq!(experiment.directory, std::env::current_dir().unwrap());
}

#[test]
fn everything() {
    let experiment = meaning(super::FULL);
    let signature = &experiment.signature;
    assert_eq!((experiment.seed, experiment.parallel), (7, 64));
    assert_eq!(signature.goals[0].direction, Direction::Maximize);
    let bounds: Vec<Bound> = signature.constraints.iter().map(|constraint| constraint.bound).collect();
    assert_eq!(bounds, [Bound::Max(1.0), Bound::Min(0.5), Bound::Equals { value: 0.0, tolerance: 1e-3 }]);
    assert_eq!(signature.measures, ["mass"]);

    let problem = &experiment.problem;
    let Fitness::Command { command, mode: CommandMode::Once { results } } = &problem.fitness else { panic!("once") };
    assert_eq!(command, &["./sim", "--fast"]);
    assert_eq!(results[0].1, ResultSource::Json { file: None, pointer: "/drag".into() });
    assert_eq!(results[1].1, ResultSource::Pattern { file: Some("out.txt".into()), pattern: "stress: (\\S+)".into() });
    assert_eq!(results[3], ("trim".into(), ResultSource::ExitCode));
    assert_eq!(problem.options, serde_json::json!({ "mesh": "fine", "sizes": [1, 2.5] }));
    assert_eq!(problem.resources, Resources { cpus: 2, memory: Some(2 << 30) });
    assert_eq!(problem.timeout, Some(Duration::from_mins(6)));
    assert_eq!((problem.on_failure.retries, problem.on_failure.stop_after), (1, Some(50)));
    assert_eq!(problem.keep, [Keep::Best(20), Keep::All]);

    let names: Vec<&str> = signature.space.parameters().iter().map(|parameter| parameter.name.as_str()).collect();
    assert_eq!(names, ["span", "chord", "ribs", "grade", "flap", "gap", "sealed", "order"]);
    let [span, chord, _, grade, ..] = signature.space.parameters() else { panic!("parameters") };
    assert_eq!(span.domain, Domain::real(20.0, 60.0));
    assert_eq!(chord.domain, Domain::Real { low: 0.5, high: 5.0, scale: Scale::Log, step: Some(0.5) });
    assert_eq!(grade.domain, Domain::Ordinal { levels: vec![Level::Real(0.5), Level::Real(1.0), Level::Real(2.0)] });
    let genome = Genome::new(&signature.space, &experiment.start, 0);
    assert_eq!(
        serde_json::to_string(&genome_to_json(genome)).unwrap(),
        r#"{"span":30.0,"chord":[1.0,1.5],"ribs":14,"grade":1.0,"flap":"none","sealed":true,"order":[2,0,1]}"#
    );

    let options = GeneticOptions {
        population: Some(100),
        schedule: Some(Schedule::Window(200)),
        crossover_eta: Some(15.0),
        ..GeneticOptions::default()
    };
    assert_eq!(experiment.algorithm, Options::Genetic(options));
    let any = vec![
        StopRule::Evaluations(20_000),
        StopRule::Time(Duration::from_hours(40)),
        StopRule::Target { goal: 0, value: 0.021 },
    ];
    assert_eq!(experiment.stop, StopRules { any, all: vec![StopRule::Stall(500), StopRule::Spread(1e-6)] });
}

#[test]
fn a_registered_problem_says_its_own_space() {
    let experiment = meaning("format = 1\n[problem]\nname = \"sphere\"\noptions = { dimensions = 3 }\n");
    assert!(experiment.registered.is_some());
    assert_eq!(experiment.signature.goals[0].name, "value");
    assert_eq!(experiment.signature.space.parameters()[0].len, Some(3));
}

#[test]
fn sections_and_inline_tables_mean_the_same() {
    let inline = meaning("[space]\nx = { real = [0, 1], len = 2 }\ny = { bit = true, when = {} }\n");
    let sections = meaning("[space]\n[space.x]\nreal = [0, 1]\nlen = 2\n[space.y]\nbit = true\nwhen = {}\n");
    let dotted = meaning("[space]\nx.real = [0, 1]\nx.len = 2\ny.bit = true\n");
    assert_eq!(inline.signature, sections.signature);
    assert_eq!(inline.signature, dotted.signature);
}

#[test]
fn the_folder_is_the_files() {
    let text = super::complete("");
    let path = Path::new("/somewhere/else/experiment.toml");
    let overrides = crate::experiment::Overrides::default();
    let experiment = crate::experiment::Experiment::parse(&text, path, &overrides, &super::registry()).unwrap();
    assert_eq!(experiment.directory, Path::new("/somewhere/else"));
}
