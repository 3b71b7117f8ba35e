//! `[algorithm]`.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{ConfigError, Setup, CrossoverOperator, GeneticOptions, MemeticOptions, MutationOperator, Options, Schedule},
    operators::Operators,
    problem::Signature,
    space::{Domain, Space},
    stop::StopRules,
};

use super::super::{checker::Checker, document::Path, structure::Fault, wire};

/// A key of `[algorithm]`.
struct Key {
    name: &'static str,
    given: fn(&wire::Algorithm) -> bool,
    /// The algorithms that take it.
    of: &'static [wire::AlgorithmName],
}

const GENETIC: wire::AlgorithmName = wire::AlgorithmName::Genetic;

const MEMETIC: wire::AlgorithmName = wire::AlgorithmName::Memetic;

const KEYS: &[Key] = &[
    Key { name: "population", given: |keys| keys.population.is_some(), of: &[GENETIC, MEMETIC] },
    Key { name: "offspring", given: |keys| keys.offspring.is_some(), of: &[GENETIC] },
    Key { name: "schedule", given: |keys| keys.schedule.is_some(), of: &[GENETIC] },
    Key { name: "tournament", given: |keys| keys.tournament.is_some(), of: &[GENETIC] },
    Key { name: "crossover", given: |keys| keys.crossover.is_some(), of: &[GENETIC, MEMETIC] },
    Key { name: "crossover_eta", given: |keys| keys.crossover_eta.is_some(), of: &[GENETIC] },
    Key { name: "mutation", given: |keys| keys.mutation.is_some(), of: &[GENETIC, MEMETIC] },
    Key { name: "mutation_eta", given: |keys| keys.mutation_eta.is_some(), of: &[GENETIC] },
    Key { name: "crossover_operator", given: |keys| keys.crossover_operator.is_some(), of: &[GENETIC, MEMETIC] },
    Key { name: "mutation_operator", given: |keys| keys.mutation_operator.is_some(), of: &[GENETIC, MEMETIC] },
    Key { name: "improve", given: |keys| keys.improve.is_some(), of: &[GENETIC, MEMETIC] },
];

/// As it is written in the file.
fn word(name: wire::AlgorithmName) -> &'static str {
    match name {
        wire::AlgorithmName::Auto => "auto",
        wire::AlgorithmName::Genetic => "genetic",
        wire::AlgorithmName::Memetic => "memetic",
        wire::AlgorithmName::Random => "random",
    }
}

/// Which algorithm, with its keys.
pub(super) fn resolve(
    checker: &mut Checker<'_>,
    algorithm: Option<&wire::Algorithm>,
    space: Option<&Space>,
    batch: usize,
    parallel: usize,
) -> Options {
    let at = Path::of(["algorithm"]);
    let given = algorithm.cloned().unwrap_or_default();
    let name = given.name.unwrap_or_default();
    if !checker.tainted(&at.key("name")) {
        for key in KEYS.iter().filter(|key| (key.given)(&given) && !key.of.contains(&name)) {
            let of: Vec<String> = key.of.iter().map(|name| format!("`{}`", word(*name))).collect();
            let message = format!("is a key of {}, and the algorithm is `{}`", of.join(", "), word(name));
            let hint = match name {
                wire::AlgorithmName::Auto => format!("add name = \"{}\" to set it", word(key.of[0])),
                wire::AlgorithmName::Random => "random search has no keys: remove it".to_owned(),
                _ => format!("remove `{}`", key.name),
            };
            checker.report(Fault::new(at.key(key.name), message).at_key().hint(hint));
        }
    }
    match name {
        wire::AlgorithmName::Auto => Options::Auto,
        wire::AlgorithmName::Random => Options::Random,
        wire::AlgorithmName::Memetic => memetic(checker, &at, &given),
        wire::AlgorithmName::Genetic => genetic(checker, &at, &given, space, batch, parallel),
    }
}

/// What a run begins with has room for the points to start from, and the budget pays for it.
pub(super) fn check_first(
    checker: &mut Checker<'_>,
    algorithm: &Options,
    (signature, operators): (&Signature, &Operators),
    stop: &StopRules,
    points: usize,
    parallel: usize,
) {
    let at = Path::of(["algorithm"]);
    if checker.tainted(&at) {
        return;
    }
    let Ok(choice) = algorithm.choose_with(operators, signature, stop.budget(), parallel) else { return };
    let setup =
        Setup { operators: operators.clone(), ..Setup::new(Arc::new(signature.clone()), 0) };
    if let Err(error @ (ConfigError::Operator { .. } | ConfigError::NoImprovement)) = choice.settings.check(&setup) {
        let key = match error {
            ConfigError::Operator { key, .. } => key,
            _ => "improve",
        };
        checker.report(Fault::new(at.key(key), error.to_string()));
        return;
    }
    let Some(first) = choice.settings.first() else { return };
    if points > first {
        checker.report(
            Fault::new(
                Path::of(["start", "points"]),
                format!("has {points} points, more than the {first} candidates that the run begins with"),
            )
            .found(format!("{points} points"))
            .allowed(format!("at most {first} points"))
            .hint(format!("let the run begin with more: [algorithm] name = \"genetic\", population = {points}")),
        );
    }
    if let (Some(budget), Schedule::Generations) = (stop.budget(), choice.settings.schedule())
        && budget < first as u64
    {
        checker.report(
            Fault::new(
                Path::of(["stop", "evaluations"]),
                format!("pays for no generation: the first has {first} candidates"),
            )
            .allowed(format!("at least {first}"))
            .hint("raise it, or let the run begin with fewer: [algorithm] name = \"genetic\", population = …"),
        );
    }
}

fn genetic(
    checker: &mut Checker<'_>,
    at: &Path,
    given: &wire::Algorithm,
    space: Option<&Space>,
    batch: usize,
    parallel: usize,
) -> Options {
    let schedule = given.schedule.as_ref().map(|schedule| match schedule {
        wire::Schedule::Word(wire::ScheduleWord::Generations) => Schedule::Generations,
        wire::Schedule::Window(wire::Window { window }) => Schedule::Window(*window as usize),
    });
    if let Some(Schedule::Window(window)) = schedule
        && batch > (window / 2).max(1)
    {
        checker.report(
            Fault::new(at.key("schedule"), format!("has a window of {window}, too small for batches of {batch}"))
                .allowed("a window of at least twice `problem.batch`")
                .hint(format!("schedule = {{ window = {} }}", (3 * parallel).max(2 * batch))),
        );
    }
    if let Some(offspring) = given.offspring {
        if let Some(Schedule::Window(_)) = schedule {
            checker.report(
                Fault::new(
                    at.key("offspring"),
                    "counts only with schedule = \"generations\": a window breeds one at a time",
                )
                .at_key(),
            );
        } else if !offspring.is_multiple_of(2) {
            checker.report(
                Fault::new(at.key("offspring"), "is odd, and two parents have two children").allowed("an even number"),
            );
        }
    }
    if let (Some(tournament), Some(population)) = (given.tournament, given.population)
        && tournament > population
    {
        checker.report(
            Fault::new(at.key("tournament"), format!("is larger than the population of {population}"))
                .allowed(format!("a whole number from 1 to {population}")),
        );
    }
    let any_real =
        |space: &Space| space.parameters().iter().any(|parameter| matches!(parameter.domain, Domain::Real { .. }));
    for (key, given) in [("crossover_eta", given.crossover_eta), ("mutation_eta", given.mutation_eta)] {
        if given.is_some() && space.is_some_and(|space| !any_real(space)) {
            let message = "counts only for reals, and this space has none";
            checker.report(Fault::new(at.key(key), message).at_key().hint(format!("remove `{key}`")));
        }
    }
    Options::Genetic(GeneticOptions {
        population: given.population.map(|population| population as usize),
        offspring: given.offspring.map(|offspring| offspring as usize),
        schedule,
        tournament: given.tournament.map(|tournament| tournament as usize),
        crossover: given.crossover,
        crossover_eta: given.crossover_eta,
        mutation: given.mutation,
        mutation_eta: given.mutation_eta,
        crossover_operator: given.crossover_operator.map(crossover_operator),
        mutation_operator: given.mutation_operator.map(mutation_operator),
        improve: given.improve,
    })
}

fn memetic(checker: &mut Checker<'_>, at: &Path, given: &wire::Algorithm) -> Options {
    if given.population.is_some_and(|population| !population.is_multiple_of(2)) {
        checker.report(
            Fault::new(at.key("population"), "is odd, and all of a population is paired").allowed("an even number"),
        );
    }
    Options::Memetic(MemeticOptions {
        population: given.population.map(|population| population as usize),
        crossover: given.crossover,
        crossover_operator: given.crossover_operator.map(crossover_operator),
        mutation: given.mutation,
        mutation_operator: given.mutation_operator.map(mutation_operator),
        improve: given.improve,
    })
}

fn crossover_operator(operator: wire::CrossoverOperator) -> CrossoverOperator {
    match operator {
        wire::CrossoverOperator::Own => CrossoverOperator::Own,
        wire::CrossoverOperator::Order => CrossoverOperator::Order,
        wire::CrossoverOperator::PartiallyMapped => CrossoverOperator::PartiallyMapped,
        wire::CrossoverOperator::EdgeRecombination => CrossoverOperator::EdgeRecombination,
        wire::CrossoverOperator::EdgeAssembly => CrossoverOperator::EdgeAssembly,
        wire::CrossoverOperator::JobOrder => CrossoverOperator::JobOrder,
    }
}

fn mutation_operator(operator: wire::MutationOperator) -> MutationOperator {
    match operator {
        wire::MutationOperator::Own => MutationOperator::Own,
        wire::MutationOperator::Moves => MutationOperator::Moves,
        wire::MutationOperator::Inversion => MutationOperator::Inversion,
        wire::MutationOperator::Insertion => MutationOperator::Insertion,
        wire::MutationOperator::OrOpt => MutationOperator::OrOpt,
    }
}
