//! Every algorithm, by every schedule, on spaces of every kind.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{
        Algorithm, CmaEsOptions, ConfigError, GeneticOptions, JdeOptions, LShadeOptions, Options, RandomSettings,
        Schedule, Settings, Setup, auto,
    },
    evaluator::{Batch, Results},
    maths,
    outcomes::{OutcomeShape, Outcomes},
    parallel::evaluate,
    problem::{Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    problems::{
        BitOptions, Dimension, FunctionOptions, Mixed, OneMax, Rastrigin, Shift, Sphere, Tour, WeldedBeam, tsplib,
    },
    space::{Domain, Genome, Level, Parameter, Scale, Space},
};
use genetic_pool_testkit::contract::algorithm::{Case, check, digest, reaches};

fn shifted() -> FunctionOptions {
    FunctionOptions { shift: Shift::Random, seed: Some(3), ..FunctionOptions::default() }
}

fn sphere() -> Arc<dyn Problem> {
    Arc::new(Sphere::try_from(shifted()).unwrap())
}

/// Name and problem.
fn problems() -> Vec<(&'static str, Arc<dyn Problem>)> {
    vec![
        ("sphere", sphere()),
        ("rastrigin", Arc::new(Rastrigin::try_from(shifted()).unwrap())),
        ("one-max", Arc::new(OneMax::from(BitOptions::default()))),
        ("mixed", Arc::new(Mixed {})),
        ("welded-beam", Arc::new(WeldedBeam {})),
        ("circle", circle()),
    ]
}

fn setup(problem: &dyn Problem, batch: usize) -> Setup {
    Setup { batch, budget: BUDGET, ..Setup::new(Arc::new(problem.signature()), 11) }
}

fn genetic(problem: &dyn Problem, options: &GeneticOptions) -> Settings {
    Settings::Genetic(options.resolve(&problem.signature().space, 4))
}

fn random(_: &dyn Problem) -> Settings {
    Settings::Random(RandomSettings { population: 20 })
}

/// Hands `then` the case of `settings` on `problem`.
fn with<R>(
    settings: &Settings,
    problem: &dyn Problem,
    batch: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    then(&Case {
        problem,
        group: batch,
        new: &|| settings.begin(setup(problem, batch)).unwrap(),
        restore: &|snapshot| settings.restore(setup(problem, batch), snapshot),
        evaluations,
    })
}

fn with_genetic<R>(
    problem: &dyn Problem,
    options: &GeneticOptions,
    batch: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    with(&genetic(problem, options), problem, batch, evaluations, then)
}

fn with_random<R>(problem: &dyn Problem, batch: usize, evaluations: u64, then: impl FnOnce(&Case<'_>) -> R) -> R {
    with(&random(problem), problem, batch, evaluations, then)
}

fn small(schedule: Schedule) -> GeneticOptions {
    GeneticOptions { population: Some(20), schedule: Some(schedule), ..GeneticOptions::default() }
}

#[test]
fn genetic_by_generations_keeps_the_contract() {
    for (name, problem) in problems() {
        println!("{name}");
        with_genetic(&*problem, &small(Schedule::Generations), 1, 200, check);
    }
}

#[test]
fn genetic_in_a_window_keeps_the_contract() {
    for (name, problem) in problems() {
        for window in [1, 7, 20, 33] {
            println!("{name} in a window of {window}");
            with_genetic(&*problem, &small(Schedule::Window(window)), 1, 200, check);
        }
    }
}

#[test]
fn groups_keep_the_contract() {
    let problem = sphere();
    for group in [2, 3, 7, 20, 50] {
        with_genetic(&*problem, &small(Schedule::Generations), group, 200, check);
        with_random(&*problem, group, 200, check);
    }
    for group in [2, 3, 7] {
        with_genetic(&*problem, &small(Schedule::Window(15)), group, 200, check);
    }
}

#[test]
fn unequal_numbers_keep_the_contract() {
    let problem = sphere();
    for (population, offspring, tournament) in [(2, 2, 1), (3, 8, 3), (20, 4, 2), (5, 70, 5)] {
        let options = GeneticOptions {
            population: Some(population),
            offspring: Some(offspring),
            tournament: Some(tournament),
            crossover_eta: Some(2.0),
            mutation_eta: Some(7.5),
            mutation: Some(0.3),
            ..GeneticOptions::default()
        };
        with_genetic(&*problem, &options, 1, 200, check);
    }
}

#[test]
fn random_search_keeps_the_contract() {
    for (name, problem) in problems() {
        println!("{name}");
        with_random(&*problem, 1, 200, check);
    }
}

/// A budget that L-SHADE shrinks its population over.
const BUDGET: Option<u64> = Some(1000);

fn l_shade(problem: &dyn Problem) -> Option<Settings> {
    decided(problem, Options::LShade(LShadeOptions { population: Some(20), ..LShadeOptions::default() }))
}

fn jde(problem: &dyn Problem) -> Option<Settings> {
    decided(problem, Options::Jde(JdeOptions { population: Some(20), ..JdeOptions::default() }))
}

/// The settings of `options` on `problem`, where the algorithm takes that.
fn decided(problem: &dyn Problem, options: Options) -> Option<Settings> {
    let settings = options.choose(&problem.signature(), BUDGET, 4).unwrap().settings;
    match settings.check(&setup(problem, 1)) {
        Ok(()) => Some(settings),
        Err(ConfigError::Parameter { instead: "genetic", .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Reals on every scale and step, whole numbers and ordinals; least where each is at the middle of its range.
struct Numbers;

impl Problem for Numbers {
    fn signature(&self) -> Signature {
        let real = |low, high, scale, step| Domain::Real { low, high, scale, step };
        let levels = (0..7).map(Level::Int).collect();
        let space = Space::new(vec![
            Parameter::new("plain", real(-3.0, 3.5, Scale::Linear, None)).len(3),
            Parameter::new("log", real(1e-6, 1e4, Scale::Log, None)),
            Parameter::new("step", real(-1.0, 1.0, Scale::Linear, Some(0.25))).len(2),
            Parameter::new("log step", real(1.0, 100.0, Scale::Log, Some(1.0))),
            Parameter::new("fine", real(0.0, 1.0, Scale::Linear, Some(1e-300))),
            Parameter::new("int", Domain::Int { low: -40, high: 60 }).len(2),
            Parameter::new("one", Domain::Int { low: 5, high: 5 }),
            Parameter::new("ordinal", Domain::Ordinal { levels }),
        ])
        .unwrap();
        let goals = vec![Goal { name: "distance".into(), direction: Direction::Minimize }];
        Signature { space, goals, constraints: Vec::new(), measures: Vec::new() }
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let (reals, ints) = (genome.reals(), genome.ints());
        let mut sum = (maths::ln(reals[3]) - maths::ln(0.1)).abs();
        for (gene, middle) in [(0, 0.25), (1, 0.25), (2, 0.25), (4, 0.0), (5, 0.0), (6, 10.0), (7, 0.5)] {
            sum += (reals[gene] - middle) * (reals[gene] - middle);
        }
        for (value, middle) in ints.iter().zip([10.0, 10.0, 5.0, 3.0]) {
            sum += (*value as f64 - middle).abs();
        }
        outcome.objectives[0] = sum;
        Ok(())
    }
}

#[test]
fn differential_evolution_keeps_the_contract() {
    for (name, problem) in problems().into_iter().chain([("numbers", Arc::new(Numbers) as Arc<dyn Problem>)]) {
        for (settings, algorithm) in [(l_shade(&*problem), "l-shade"), (jde(&*problem), "jde")] {
            let Some(settings) = settings else { continue };
            println!("{algorithm} on {name}");
            with(&settings, &*problem, 1, 400, check);
            with(&settings, &*problem, 7, 200, check);
        }
    }
}

/// Runs `algorithm` on `problem` to `evaluations`; the sizes of its generations and its last population's best value.
fn generations(algorithm: &mut dyn Algorithm, problem: &dyn Problem, evaluations: usize) -> (Vec<usize>, f64) {
    let signature = problem.signature();
    let (mut batch, mut sizes, mut best) = (Batch::default(), Vec::new(), f64::INFINITY);
    while sizes.iter().sum::<usize>() + algorithm.next_unit() <= evaluations {
        algorithm.ask(usize::MAX, &mut batch);
        let rows = batch.candidates.len();
        let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), rows);
        evaluate(problem, &signature, 1, &batch, 0..rows, &mut outcomes);
        best = outcomes.objectives.iter().fold(best, |best, value| best.min(*value));
        let results = Results { candidates: batch.candidates.clone(), outcomes, seconds: vec![0.0; rows] };
        algorithm.tell(&results).unwrap();
        while let Some(committed) = algorithm.commit() {
            assert!(committed.generation_ends && committed.generation == sizes.len() as u64);
            sizes.push(committed.candidates.len());
            let shown = committed.population.best().unwrap();
            assert_eq!(committed.population.outcomes.objectives[shown], best, "the best is never lost");
        }
    }
    (sizes, best)
}

#[test]
fn l_shade_shrinks_evenly_to_its_least_over_the_budget() {
    let problem = sphere();
    let mut algorithm = l_shade(&*problem).unwrap().begin(setup(&*problem, 1)).unwrap();
    let (sizes, _) = generations(&mut *algorithm, &*problem, 1000);
    let mut done = 0;
    for (generation, size) in sizes.iter().enumerate() {
        // After so many of 1000, as much of 20 - 4 is gone; the first trials are of the whole first population.
        let expected = if generation < 1 { 20.0 } else { (20.0 - 16.0 * f64::from(done) / 1000.0).round() };
        assert!((*size as f64 - expected).abs() <= 1.0, "{size} after {done}");
        done += *size as i32;
    }
    assert_eq!((sizes[0], sizes[sizes.len() - 1]), (20, 4));
    assert!(sizes.is_sorted_by(|a, b| a >= b));
}

#[test]
fn what_finds_nothing_better_begins_again_and_keeps_the_best() {
    let options = Options::LShade(LShadeOptions { population: Some(20), ..LShadeOptions::default() });
    for budget in [Some(5000), None] {
        let setup = Setup { budget, ..Setup::new(Arc::new(Flat.signature()), 3) };
        let settings = options.choose(&setup.signature, budget, 4).unwrap().settings;
        let (sizes, _) = generations(&mut *settings.begin(setup).unwrap(), &Flat, 4000);
        // A new population is larger, or much smaller: no generation shrinks by two.
        let new = |k: &usize| sizes[*k] > sizes[k - 1] || sizes[*k] + 2 <= sizes[k - 1];
        let begun: Vec<usize> = (1..sizes.len()).filter(new).collect();
        assert!(!begun.is_empty(), "{sizes:?}");
        for again in begun {
            // As the budget that is left, so the population that begins; without one, as the first.
            let left = 5000 - sizes[..again].iter().sum::<usize>();
            assert_eq!(sizes[again], if budget.is_some() { (20 * left / 5000).max(4) } else { 20 });
        }
    }
}

/// All are as good.
struct Flat;

impl Problem for Flat {
    fn signature(&self) -> Signature {
        let space = Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0))]).unwrap();
        let goals = vec![Goal { name: "flat".into(), direction: Direction::Minimize }];
        Signature { space, goals, constraints: Vec::new(), measures: Vec::new() }
    }

    fn evaluate(&self, _: Genome<'_>, _: &Trial, _: &mut Outcome<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

#[test]
fn differential_evolution_reaches_targets() {
    let of = |options: Options, problem: &dyn Problem, budget, target| {
        let setup = Setup { budget: Some(budget), ..setup(problem, 1) };
        let settings = options.choose(&setup.signature, setup.budget, 1).unwrap().settings;
        let (_, best) = generations(&mut *settings.begin(setup).unwrap(), problem, budget as usize);
        assert!(best <= target, "{} found {best}, not {target}", settings.name());
    };
    for options in [Options::LShade(LShadeOptions::default()), Options::Jde(JdeOptions::default())] {
        of(options.clone(), &*sphere(), 60_000, 1e-8);
        of(options.clone(), &*problems()[1].1, 200_000, 1e-6);
        of(options, &Numbers, 20_000, 1e-6);
    }
}

/// A tour of 16 nodes on a circle, in a stirred order; the shortest is the circle.
fn circle() -> Arc<dyn Problem> {
    // Points of a regular polygon, rounded: whole numbers keep their distances exact.
    let nodes: Vec<String> = (0..16)
        .map(|k| {
            let angle = f64::from(k * 7 % 16) / 8.0;
            let (x, y) = (1e4 * maths::cos_pi(angle), 1e4 * maths::sin_pi(angle));
            format!("{} {} {}", k + 1, x.round(), y.round())
        })
        .collect();
    let text = format!(
        "NAME: circle\nTYPE: TSP\nDIMENSION: 16\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n{}\nEOF\n",
        nodes.join("\n")
    );
    Arc::new(Tour { instance: tsplib::parse(&text).unwrap() })
}

#[test]
fn targets_are_reached_by_generations() {
    reaches_targets(Schedule::Generations);
}

#[test]
fn targets_are_reached_in_a_window() {
    reaches_targets(Schedule::Window(12));
}

fn reaches_targets(schedule: Schedule) {
    let usual = GeneticOptions { schedule: Some(schedule), ..GeneticOptions::default() };
    // Shifted, so that nothing is found by leaning to the centre.
    with_genetic(&*sphere(), &usual, 1, 30_000, |case| reaches(case, 1e-3));
    with_genetic(&*problems()[1].1, &usual, 1, 100_000, |case| reaches(case, 0.1));
    let ones = OneMax::from(BitOptions { bits: Dimension::new(100) });
    with_genetic(&ones, &usual, 1, 10_000, |case| reaches(case, -100.0));
    with_genetic(&Mixed {}, &usual, 1, 20_000, |case| reaches(case, 0.05));
    // Sixteen sides of 3902 each.
    with_genetic(&*circle(), &usual, 1, 20_000, |case| reaches(case, 62_432.0));
    // Best known 1.724852309 (see the problem).
    let large = GeneticOptions { population: Some(400), ..usual };
    with_genetic(&WeldedBeam {}, &large, 1, 50_000, |case| reaches(case, 1.9));
}

#[test]
fn random_search_finds_something() {
    with_random(&Mixed {}, 1, 2000, |case| reaches(case, 2.5));
}

#[test]
fn a_small_population_that_stagnates_begins_again_until_it_finds_the_shortest_tour() {
    let problem = Tour { instance: tsplib::parse(include_str!("../data/gr17.tsp")).unwrap() };
    for schedule in [Schedule::Generations, Schedule::Window(12)] {
        // Six are all alike after a thousand evaluations at most, mostly of a longer tour.
        let options = GeneticOptions { population: Some(6), schedule: Some(schedule), ..GeneticOptions::default() };
        with_genetic(&problem, &options, 1, 30_000, |case| reaches(case, 2085.0));
    }
}

/// An algorithm on a problem, where it takes that.
type Entry = (&'static str, fn(&dyn Problem) -> Option<Settings>);

/// Every algorithm with settings that show what it does in 1000 evaluations.
const ALGORITHMS: &[Entry] = &[
    ("genetic/generations", |problem| Some(genetic(problem, &small(Schedule::Generations)))),
    ("genetic/window-8", |problem| Some(genetic(problem, &small(Schedule::Window(8))))),
    ("l-shade", l_shade),
    ("jde", jde),
    ("random", |problem| Some(random(problem))),
];

/// One digest for each algorithm, schedule and problem: the histories that this version means.
///
/// They change only together with the algorithm's version and a line in the changelog.
#[test]
fn histories_are_golden() {
    let mut found = String::new();
    for (problem_name, problem) in problems() {
        for (name, settings) in ALGORITHMS {
            let Some(settings) = settings(&*problem) else { continue };
            let digest = with(&settings, &*problem, 1, 1000, digest);
            found = format!("{found}{problem_name:12} {name:19} {digest}\n");
        }
    }
    assert_eq!(found, GOLDEN, "found:\n{found}");
}

const GOLDEN: &str = "\
sphere       genetic/generations 9bb33628f5fb2670928f568edad6ab79
sphere       genetic/window-8    c272078b07fa2bad07b0beebe8218fb4
sphere       l-shade             408275842c9447dbf552cbe87b04a5dd
sphere       jde                 8e146a1c2a8e66e38eebe97c4575572f
sphere       random              ea8ef5102cdaad120a8179930a29a9b4
rastrigin    genetic/generations b6266f5e057a3c7e57070107d28a759d
rastrigin    genetic/window-8    1b6f83a4e331705549a99aacbb967d05
rastrigin    l-shade             89dc092b08fa1977ec1405e29fb14c8b
rastrigin    jde                 9c0ff157455031b2a202cdee1194e06f
rastrigin    random              f63c919766c10a7a8b7f568e34fd1677
one-max      genetic/generations d8f75d1e08cebe1bbb350511ac376621
one-max      genetic/window-8    a54c0d17f1d187ed5eda67c5b13b27cd
one-max      random              185a37293935beccad60d0062131f52b
mixed        genetic/generations ebb7ebfa22cb020b74009d53b255e681
mixed        genetic/window-8    c3fd5c93ef6baefe6d453e6d014582ad
mixed        random              1058e0d632f71dc56f3c548708979b07
welded-beam  genetic/generations 8b30da2869d2849cfe87017f084848fa
welded-beam  genetic/window-8    a2c9e02e92d6f82755f4c526782b3a9f
welded-beam  l-shade             c32d27803f8e0afaaa0e79b06f5ddfec
welded-beam  jde                 bc5b42960506446f308bc7712b269e62
welded-beam  random              a292d934332168d3859a6d48ded2e921
circle       genetic/generations c6ce1a561f40df16e0e7334afa785f4f
circle       genetic/window-8    bb1ce4fd5650af7e3804e40ce5a1423b
circle       random              4bf551e2b9c8a7796e6f12d1bc828f27
";

fn error_of(options: &GeneticOptions, problem: &dyn Problem, batch: usize) -> ConfigError {
    refused(&genetic(problem, options), setup(problem, batch))
}

fn refused(settings: &Settings, setup: Setup) -> ConfigError {
    match settings.begin(setup) {
        Err(error) => error,
        Ok(_) => panic!("{settings:?} are taken"),
    }
}

#[test]
fn wrong_settings_are_refused() {
    let problem = sphere();
    let usual = GeneticOptions::default();
    let population = GeneticOptions { population: Some(1), ..usual.clone() };
    let error = error_of(&population, &*problem, 1);
    assert_eq!(error.to_string(), "`population` must be 2 to 16777216, found 1");
    let odd = GeneticOptions { offspring: Some(5), ..usual.clone() };
    assert_eq!(error_of(&odd, &*problem, 1).to_string(), "`offspring` must be 2 to 16777216 and even, found 5");
    assert_eq!(error_of(&usual, &*problem, 0).to_string(), "`batch` must be 1 to 16777216, found 0");
    assert_eq!(
        error_of(&usual, &*problem, usize::MAX).to_string(),
        format!("`batch` must be 1 to 16777216, found {}", usize::MAX)
    );
    let window = GeneticOptions { schedule: Some(Schedule::Window(5)), ..usual.clone() };
    assert_eq!(error_of(&window, &*problem, 3), ConfigError::BatchInWindow { batch: 3, window: 5 });

    let settings = genetic(&*problem, &usual);
    let mut setup = setup(&*problem, 1);
    setup.start = setup.signature.space.genomes(101);
    assert_eq!(refused(&settings, setup.clone()), ConfigError::StartPoints { points: 101, places: 100 });
    setup.start = setup.signature.space.genomes(3);
    setup.start.reals[60] = 5.13;
    assert_eq!(refused(&settings, setup.clone()), ConfigError::StartPoint { row: 2 });
    setup.start = WeldedBeam {}.signature().space.genomes(1);
    assert_eq!(refused(&settings, setup), ConfigError::StartShape);
}

#[test]
fn several_goals_are_refused_with_a_clear_word() {
    let goal = |name: &str| Goal { name: name.into(), direction: Direction::Minimize };
    let signature = Signature { goals: vec![goal("drag"), goal("mass")], ..sphere().signature() };
    let choice = auto::choose(&signature, None, 16).unwrap();
    assert_eq!(choice.settings.name(), "nsga-2");
    assert_eq!(choice.why, "NSGA-II spreads its population over the trade-offs between 2 goals, in any space");
    let setup = Setup::new(Arc::new(signature), 11);
    for (algorithm, settings) in
        [("genetic", genetic(&*sphere(), &GeneticOptions::default())), ("random", random(&*sphere()))]
    {
        assert_eq!(refused(&settings, setup.clone()), ConfigError::Goals { algorithm, goals: 2 });
    }
}

#[test]
fn auto_says_what_it_chose_and_why() {
    let choice = auto::choose(&sphere().signature(), None, 16).unwrap();
    assert_eq!(choice.settings, Settings::CmaEs(CmaEsOptions::default().resolve(&sphere().signature().space, 16)));
    let why = "the CMA evolution strategy learns how 30 reals depend on each other; generations of 16 fill the slots";
    assert_eq!(choice.why, why);
    let short = auto::choose(&sphere().signature(), Some(9), 16).unwrap();
    let Settings::CmaEs(settings) = short.settings else { panic!("{:?}", short.settings) };
    assert_eq!(settings.population, 9);

    let ones = OneMax::from(BitOptions { bits: Dimension::new(30) });
    let choice = auto::choose(&ones.signature(), None, 16).unwrap();
    assert_eq!(choice.settings, Settings::Genetic(GeneticOptions::default().resolve(&ones.signature().space, 16)));
    assert_eq!(choice.why, "the genetic algorithm varies every kind of parameter; here 30 genes (bits)");

    // A small budget gets a small population that fills the slots and has generations to go.
    let population = |budget, parallel| {
        let choice = auto::choose(&ones.signature(), Some(budget), parallel).unwrap();
        assert_eq!(choice.settings.check(&setup(&ones, 1)), Ok(()));
        let Settings::Genetic(settings) = choice.settings else { panic!("{:?}", choice.settings) };
        settings.population
    };
    for (budget, expected) in [(200, 16), (400, 16), (1000, 16), (1500, 32), (2000, 48), (5000, 96), (60, 10), (7, 6)] {
        assert_eq!(population(budget, 16), expected, "{budget}");
    }
    assert_eq!([population(5600, 16), population(u64::MAX, 16)], [112, 112]);
    for (parallel, expected) in [(1, 20), (3, 20), (15, 14), (32, 32), (64, 40), (usize::MAX, 40)] {
        assert_eq!(population(400, parallel), expected, "{parallel} at once");
    }
    let choice = auto::choose(&ones.signature(), Some(400), 16).unwrap();
    assert!(choice.why.ends_with("; a population of 16 instead of 112, for 25 generations"), "{}", choice.why);
}

#[test]
fn start_points_come_first_and_the_best_of_them_stays() {
    let problem = sphere();
    for schedule in [Schedule::Generations, Schedule::Window(6)] {
        let mut setup = setup(&*problem, 1);
        setup.start = setup.signature.space.genomes(2);
        setup.start.reals[..30].fill(5.12);
        setup.start.reals[30..].fill(0.1);
        let mut algorithm = genetic(&*problem, &small(schedule)).begin(setup.clone()).unwrap();
        let mut batch = Batch::default();
        algorithm.ask(4, &mut batch);
        assert_eq!(batch.genomes.reals[..60], setup.start.reals);
        assert!(batch.genomes.reals[60..].iter().all(|value| *value != 5.12 && *value != 0.1));
    }
}
