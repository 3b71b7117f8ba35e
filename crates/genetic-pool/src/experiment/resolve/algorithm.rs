//! `[algorithm]`.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{
        Accepted, CmaEsOptions, ConfigError, Covariance, CrossoverOperator, GeneticOptions, JdeOptions, LShadeOptions,
        MemeticOptions, MutationOperator, Options, Replaced, Replacement, Restarts, Schedule, Settings, Setup,
        default_free,
    },
    islands::{Emigration, IslandsOptions, Topology},
    operators::Operators,
    problem::{Goal, Signature},
    space::{Coordinates, Domain, Space},
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
const ISLANDS: wire::AlgorithmName = wire::AlgorithmName::Islands;
const L_SHADE: wire::AlgorithmName = wire::AlgorithmName::LShade;
const JDE: wire::AlgorithmName = wire::AlgorithmName::Jde;

const CMA_ES: wire::AlgorithmName = wire::AlgorithmName::CmaEs;

const NSGA_2: wire::AlgorithmName = wire::AlgorithmName::Nsga2;

const MEMETIC: wire::AlgorithmName = wire::AlgorithmName::Memetic;

const KEYS: &[Key] = &[
    Key {
        name: "population",
        given: |keys| keys.population.is_some(),
        of: &[GENETIC, MEMETIC, NSGA_2, CMA_ES, L_SHADE, JDE],
    },
    Key { name: "offspring", given: |keys| keys.offspring.is_some(), of: &[GENETIC, NSGA_2] },
    Key { name: "schedule", given: |keys| keys.schedule.is_some(), of: &[GENETIC, NSGA_2] },
    Key { name: "tournament", given: |keys| keys.tournament.is_some(), of: &[GENETIC, NSGA_2] },
    Key { name: "crossover", given: |keys| keys.crossover.is_some(), of: &[GENETIC, MEMETIC, NSGA_2] },
    Key { name: "crossover_eta", given: |keys| keys.crossover_eta.is_some(), of: &[GENETIC, NSGA_2] },
    Key { name: "mutation", given: |keys| keys.mutation.is_some(), of: &[GENETIC, MEMETIC, NSGA_2] },
    Key { name: "mutation_eta", given: |keys| keys.mutation_eta.is_some(), of: &[GENETIC, NSGA_2] },
    Key { name: "minimum_population", given: |keys| keys.minimum_population.is_some(), of: &[L_SHADE] },
    Key { name: "memory", given: |keys| keys.memory.is_some(), of: &[L_SHADE] },
    Key { name: "archive", given: |keys| keys.archive.is_some(), of: &[L_SHADE] },
    Key { name: "best", given: |keys| keys.best.is_some(), of: &[L_SHADE] },
    Key { name: "scale_change", given: |keys| keys.scale_change.is_some(), of: &[JDE] },
    Key { name: "rate_change", given: |keys| keys.rate_change.is_some(), of: &[JDE] },
    Key { name: "sigma", given: |keys| keys.sigma.is_some(), of: &[CMA_ES] },
    Key { name: "covariance", given: |keys| keys.covariance.is_some(), of: &[CMA_ES] },
    Key { name: "restarts", given: |keys| keys.restarts.is_some(), of: &[CMA_ES] },
    Key { name: "mirrored", given: |keys| keys.mirrored.is_some(), of: &[CMA_ES] },
    Key { name: "model", given: |keys| keys.model.is_some(), of: &[CMA_ES] },
    Key { name: "learning", given: |keys| keys.learning.is_some(), of: &[CMA_ES] },
    Key { name: "islands", given: |keys| keys.islands.is_some(), of: &[ISLANDS] },
    Key { name: "topology", given: |keys| keys.topology.is_some(), of: &[ISLANDS] },
    Key { name: "neighbours", given: |keys| keys.neighbours.is_some(), of: &[ISLANDS] },
    Key { name: "every", given: |keys| keys.every.is_some(), of: &[ISLANDS] },
    Key { name: "migrants", given: |keys| keys.migrants.is_some(), of: &[ISLANDS] },
    Key { name: "lag", given: |keys| keys.lag.is_some(), of: &[ISLANDS] },
    Key { name: "emigrate", given: |keys| keys.emigrate.is_some(), of: &[ISLANDS] },
    Key { name: "replace", given: |keys| keys.replace.is_some(), of: &[ISLANDS] },
    Key { name: "accept", given: |keys| keys.accept.is_some(), of: &[ISLANDS] },
    Key {
        name: "crossover_operator",
        given: |keys| keys.crossover_operator.is_some(),
        of: &[GENETIC, MEMETIC, NSGA_2],
    },
    Key { name: "mutation_operator", given: |keys| keys.mutation_operator.is_some(), of: &[GENETIC, MEMETIC, NSGA_2] },
    Key { name: "improve", given: |keys| keys.improve.is_some(), of: &[GENETIC, MEMETIC, NSGA_2] },
];

/// As it is written in the file.
fn word(name: wire::AlgorithmName) -> &'static str {
    match name {
        wire::AlgorithmName::Auto => "auto",
        wire::AlgorithmName::Genetic => "genetic",
        wire::AlgorithmName::LShade => "l-shade",
        wire::AlgorithmName::Jde => "jde",
        wire::AlgorithmName::Nsga2 => "nsga-2",
        wire::AlgorithmName::Memetic => "memetic",
        wire::AlgorithmName::Random => "random",
        wire::AlgorithmName::Islands => "islands",
        wire::AlgorithmName::CmaEs => "cma-es",
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
    let given = algorithm.cloned().unwrap_or_default();
    one(checker, &Path::of(["algorithm"]), &given, space, batch, parallel)
}

/// The algorithm that stands at `at`: the run's, or one on an island.
fn one(
    checker: &mut Checker<'_>,
    at: &Path,
    given: &wire::Algorithm,
    space: Option<&Space>,
    batch: usize,
    parallel: usize,
) -> Options {
    let name = given.name.unwrap_or_default();
    if !checker.tainted(&at.key("name")) {
        for key in KEYS.iter().filter(|key| (key.given)(given) && !key.of.contains(&name)) {
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
        wire::AlgorithmName::Memetic => memetic(checker, at, given),
        wire::AlgorithmName::Genetic => Options::Genetic(genetic(checker, at, given, space, batch, parallel)),
        wire::AlgorithmName::Nsga2 => {
            let options = genetic(checker, at, given, space, batch, parallel);
            if let Some(Schedule::Free(_)) = options.schedule {
                let fault = Fault::new(at.key("schedule"), "is not one of `nsga-2`, which commits in order of birth");
                checker.report(fault.allowed("\"generations\", { window = W }"));
            }
            Options::Nsga2(options)
        }
        wire::AlgorithmName::LShade => l_shade(checker, at, given),
        wire::AlgorithmName::Jde => Options::Jde(JdeOptions {
            population: given.population.map(|population| population as usize),
            scale_change: given.scale_change,
            rate_change: given.rate_change,
        }),
        wire::AlgorithmName::CmaEs => cma_es(checker, at, given, space),
        wire::AlgorithmName::Islands => Options::Islands(islands(checker, at, given, space, batch, parallel)),
    }
}

fn islands(
    checker: &mut Checker<'_>,
    at: &Path,
    given: &wire::Algorithm,
    space: Option<&Space>,
    batch: usize,
    parallel: usize,
) -> IslandsOptions {
    let entries = given.islands.as_deref().unwrap_or_default();
    let all: u64 = entries.iter().map(|entry| entry.count.unwrap_or(1)).sum();
    if given.islands.is_none() {
        checker.report(
            Fault::new(at.key("islands"), "is missing: the algorithms on the islands")
                .allowed("a list of tables, each with a name, its keys, and a count where there are several")
                .hint("add islands = [{ name = \"genetic\", count = 4 }]"),
        );
    } else if all > 1024 {
        let fault = Fault::new(at.key("islands"), "are too many").at_key();
        checker.report(fault.found(format!("{all} islands")).allowed("at most 1024 islands"));
    }
    let mut islands = Vec::with_capacity(entries.len());
    for (index, entry) in entries.iter().enumerate() {
        let here = at.key("islands").index(index);
        if entry.algorithm.name == Some(ISLANDS) {
            let message = "is no algorithm for an island: islands hold no islands";
            checker.report(Fault::new(here.key("name"), message).hint("name the algorithm on it"));
            continue;
        }
        let share = (parallel as u64 / all.max(1)).max(1) as usize;
        let options = one(checker, &here, &entry.algorithm, space, batch, share);
        islands.push((options, entry.count.unwrap_or(1) as usize));
    }
    if given.neighbours.is_some() && given.topology != Some(wire::Topology::Random) {
        let message = "counts only with topology = \"random\": other figures say who is whose neighbour";
        checker.report(Fault::new(at.key("neighbours"), message).at_key().hint("remove `neighbours`"));
    }
    let replacement = (given.replace.is_some() || given.accept.is_some()).then_some(Replacement {
        replaced: match given.replace {
            None | Some(wire::Replace::Worst) => Replaced::Worst,
            Some(wire::Replace::Random) => Replaced::Random,
        },
        accepted: match given.accept {
            None | Some(wire::Accept::Better) => Accepted::Better,
            Some(wire::Accept::Always) => Accepted::Always,
        },
    });
    IslandsOptions {
        islands,
        topology: given.topology.map(|topology| match topology {
            wire::Topology::Ring => Topology::Ring,
            wire::Topology::Torus => Topology::Torus,
            wire::Topology::Star => Topology::Star,
            wire::Topology::Full => Topology::Full,
            wire::Topology::Random => Topology::Random(given.neighbours.unwrap_or(2) as usize),
            wire::Topology::None => Topology::None,
        }),
        every: given.every,
        migrants: given.migrants.map(|migrants| migrants as usize),
        lag: given.lag,
        emigration: given.emigrate.map(|emigrate| match emigrate {
            wire::Emigrate::Best => Emigration::Best,
            wire::Emigrate::Random => Emigration::Random,
            wire::Emigrate::Tournament => Emigration::Tournament,
        }),
        replacement,
    }
}

/// The algorithm takes as many goals as there are.
pub(super) fn check_goals(
    checker: &mut Checker<'_>,
    algorithm: &Options,
    name: Option<wire::AlgorithmName>,
    goals: &[Goal],
) {
    let several = matches!(algorithm, Options::Auto | Options::Nsga2(_));
    let at = Path::of(["algorithm", "name"]);
    if goals.len() > 1 && !several && !checker.tainted(&at) {
        let names: Vec<&str> = goals.iter().map(|goal| goal.name.as_str()).collect();
        let name = word(name.unwrap_or_default());
        checker.report(
            Fault::new(at, format!("is `{name}`, which searches for one goal, and there are {}", names.len()))
                .allowed("\"auto\", \"nsga-2\"")
                .hint(format!("the goals are {}", names.join(", "))),
        );
    }
}

fn l_shade(checker: &mut Checker<'_>, at: &Path, given: &wire::Algorithm) -> Options {
    if let (Some(least), Some(population)) = (given.minimum_population, given.population)
        && least > population
    {
        checker.report(
            Fault::new(at.key("minimum_population"), format!("is more than the population of {population}"))
                .allowed(format!("a whole number from 4 to {population}")),
        );
    }
    Options::LShade(LShadeOptions {
        population: given.population.map(|population| population as usize),
        minimum_population: given.minimum_population.map(|least| least as usize),
        memory: given.memory.map(|memory| memory as usize),
        archive: given.archive,
        best: given.best,
    })
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
    let setup = Setup { operators: operators.clone(), ..Setup::new(Arc::new(signature.clone()), 0) };
    if let Err(error @ (ConfigError::Operator { .. } | ConfigError::NoImprovement)) = choice.settings.check(&setup) {
        let key = match error {
            ConfigError::Operator { key, .. } => key,
            _ => "improve",
        };
        checker.report(Fault::new(at.key(key), error.to_string()));
        return;
    }
    if let Err(error @ (ConfigError::Parameter { .. } | ConfigError::NothingToVary { .. })) =
        choice.settings.check(&setup)
    {
        let hint = "name = \"genetic\", which varies every kind of parameter";
        checker.report(Fault::new(Path::of(["algorithm", "name"]), error.to_string()).hint(hint));
        return;
    }
    let islands = matches!(choice.settings, Settings::Islands(_));
    let setup = Setup { budget: stop.budget(), ..setup };
    if islands && let Err(error @ ConfigError::Share { .. }) = choice.settings.check(&setup) {
        checker.report(
            Fault::new(Path::of(["stop", "evaluations"]), format!("is too little: {error}"))
                .hint("raise it, or let the islands be fewer or begin with fewer"),
        );
    }
    let Some(first) = choice.settings.first() else { return };
    let name = choice.settings.name();
    if points > first {
        checker.report(
            Fault::new(
                Path::of(["start", "points"]),
                format!("has {points} points, more than the {first} candidates that the run begins with"),
            )
            .found(format!("{points} points"))
            .allowed(format!("at most {first} points"))
            .hint(match &choice.settings {
                Settings::Islands(_) => "give the islands larger populations, or add islands".to_owned(),
                _ => format!("let the run begin with more: [algorithm] name = \"{name}\", population = {points}"),
            }),
        );
    }
    if let (Some(budget), Schedule::Generations) = (stop.budget(), choice.settings.schedule())
        && !islands
        && budget < first as u64
    {
        checker.report(
            Fault::new(
                Path::of(["stop", "evaluations"]),
                format!("pays for no generation: the first has {first} candidates"),
            )
            .allowed(format!("at least {first}"))
            .hint(format!("raise it, or let the run begin with fewer: [algorithm] name = \"{name}\", population = …")),
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
) -> GeneticOptions {
    let schedule = given.schedule.as_ref().map(|schedule| match schedule {
        wire::Schedule::Word(wire::ScheduleWord::Generations) => Schedule::Generations,
        wire::Schedule::Word(wire::ScheduleWord::Free) => Schedule::Free(default_free(parallel)),
        wire::Schedule::Window(wire::Window { window }) => Schedule::Window(*window as usize),
    });
    if let Some(Schedule::Free(free)) = schedule
        && batch > (free / 2).max(1)
    {
        checker.report(
            Fault::new(
                at.key("schedule"),
                format!("has {free} candidates out at once, too few for batches of {batch}"),
            )
            .allowed("at least twice `problem.batch`")
            .hint(format!("schedule = {{ free = {} }}", default_free(parallel).max(2 * batch))),
        );
    }
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
        if let Some(Schedule::Window(_) | Schedule::Free(_)) = schedule {
            let window = matches!(schedule, Some(Schedule::Window(_)));
            let other = if window { "a window breeds" } else { "in the order of completion they are bred" };
            let message = format!("counts only with schedule = \"generations\": {other} one at a time");
            checker.report(Fault::new(at.key("offspring"), message).at_key());
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
    GeneticOptions {
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
    }
}

fn cma_es(checker: &mut Checker<'_>, at: &Path, given: &wire::Algorithm, space: Option<&Space>) -> Options {
    if let Some(population) = given.population
        && population < 4
    {
        let fault = Fault::new(at.key("population"), format!("is {population}: a distribution learns from at least 4"));
        checker.report(fault.allowed("a whole number from 4 to 16777216"));
    }
    if let Some(Err(none)) = space.map(Coordinates::of) {
        let message = format!("does not vary `{}`, {}", none.parameter, none.kind);
        checker.report(Fault::new(at.key("name"), message).hint("name = \"genetic\" varies every parameter"));
    }
    let any_step = |space: &Space| Coordinates::of(space).is_ok_and(|coordinates| coordinates.any_discrete());
    if given.model == Some(true) && space.is_some_and(any_step) {
        let message = "is for reals without a step, and this space has others";
        checker.report(Fault::new(at.key("model"), message).at_key().hint("remove `model`"));
    }
    Options::CmaEs(CmaEsOptions {
        population: given.population.map(|population| population as usize),
        sigma: given.sigma,
        covariance: given.covariance.map(|covariance| match covariance {
            wire::Covariance::Full => Covariance::Full,
            wire::Covariance::Separable => Covariance::Separable,
        }),
        restarts: given.restarts.map(|restarts| match restarts {
            wire::Restarts::None => Restarts::None,
            wire::Restarts::Ipop => Restarts::Ipop,
            wire::Restarts::Bipop => Restarts::Bipop,
        }),
        mirrored: given.mirrored,
        model: given.model,
        learning: given.learning,
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
