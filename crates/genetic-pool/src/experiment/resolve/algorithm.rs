//! `[algorithm]`.

use genetic_pool_evolve::{
    algorithms::{GeneticOptions, Schedule, auto},
    problem::Signature,
    space::{Domain, Space},
    stop::StopRules,
};

use super::super::{AlgorithmSettings, checker::Checker, document::Path, structure::Fault, wire};

/// Which algorithm, with its keys.
pub(super) fn resolve(
    checker: &mut Checker<'_>,
    algorithm: Option<&wire::Algorithm>,
    space: Option<&Space>,
    batch: usize,
    parallel: usize,
) -> AlgorithmSettings {
    let at = Path::of(["algorithm"]);
    let given = algorithm.cloned().unwrap_or_default();
    let keys = [
        ("population", given.population.is_some()),
        ("offspring", given.offspring.is_some()),
        ("schedule", given.schedule.is_some()),
        ("tournament", given.tournament.is_some()),
        ("crossover", given.crossover.is_some()),
        ("crossover_eta", given.crossover_eta.is_some()),
        ("mutation", given.mutation.is_some()),
        ("mutation_eta", given.mutation_eta.is_some()),
    ];
    let name = given.name.unwrap_or_default();
    if name != wire::AlgorithmName::Genetic && !checker.tainted(&at.key("name")) {
        let (found, hint) = match name {
            wire::AlgorithmName::Random => ("random", "random search has no keys: remove it"),
            _ => ("auto", "add name = \"genetic\" to set it"),
        };
        for (key, _) in keys.iter().filter(|(_, given)| *given) {
            let message = format!("is a key of `genetic`, and the algorithm is `{found}`");
            checker.report(Fault::new(at.key(key), message).at_key().hint(hint));
        }
    }
    match name {
        wire::AlgorithmName::Auto => AlgorithmSettings::Auto,
        wire::AlgorithmName::Random => AlgorithmSettings::Random,
        wire::AlgorithmName::Genetic => genetic(checker, &at, &given, space, batch, parallel),
    }
}

/// What a run begins with has room for the points to start from, and the budget pays for it.
pub(super) fn check_first(
    checker: &mut Checker<'_>,
    algorithm: &AlgorithmSettings,
    signature: &Signature,
    stop: &StopRules,
    points: usize,
    parallel: usize,
) {
    let options = match algorithm {
        AlgorithmSettings::Genetic(options) => Some(options.clone()),
        AlgorithmSettings::Auto => auto::choose(signature, stop.budget(), parallel).ok().map(|choice| choice.options),
        AlgorithmSettings::Random => None,
    };
    if checker.tainted(&Path::of(["algorithm"])) {
        return;
    }
    let Some(settings) = options.map(|options| options.resolve(&signature.space, parallel)) else { return };
    let first = settings.first();
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
    if let (Some(budget), Schedule::Generations) = (stop.budget(), settings.schedule)
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
) -> AlgorithmSettings {
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
    AlgorithmSettings::Genetic(GeneticOptions {
        population: given.population.map(|population| population as usize),
        offspring: given.offspring.map(|offspring| offspring as usize),
        schedule,
        tournament: given.tournament.map(|tournament| tournament as usize),
        crossover: given.crossover,
        crossover_eta: given.crossover_eta,
        mutation: given.mutation,
        mutation_eta: given.mutation_eta,
    })
}
