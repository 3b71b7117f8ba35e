//! Permutations and sequences: every operator by name, a problem's own, and the memetic algorithm on every space.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use genetic_pool_evolve::{
    algorithms::{
        Choice, ConfigError, CrossoverOperator, Genetic, GeneticOptions, Memetic, MemeticOptions, MutationOperator,
        Options, Schedule, Settings, Setup,
    },
    evaluator::Batch,
    operators::{Operators, Start, crossover::Crossover, improve::Improve, mutation::Mutation},
    parallel,
    problem::Problem,
    problems::{
        Assignment, BitOptions, FlowShop, FunctionOptions, JobShop, Mixed, OneMax, Sphere, Tour, WeldedBeam, job_shop,
        qaplib, tsplib,
    },
    random::Stream,
    space::GenomeMut,
};
use genetic_pool_testkit::contract::algorithm::{Case, check, digest, reaches};

fn gr17() -> Arc<dyn Problem> {
    Arc::new(Tour { instance: tsplib::parse(include_str!("../data/gr17.tsp")).unwrap() })
}

fn ft06() -> Arc<dyn Problem> {
    Arc::new(JobShop { instance: job_shop::parse(include_str!("../data/ft06.jsp")).unwrap() })
}

/// Name and problem, of arrangements alone.
fn arrangements() -> Vec<(&'static str, Arc<dyn Problem>)> {
    let nug12 = qaplib::parse(include_str!("../data/nug12.dat")).unwrap();
    vec![
        ("gr17", gr17()),
        ("ft06", ft06()),
        ("nug12", Arc::new(Assignment { instance: nug12 })),
        ("ta001", Arc::new(FlowShop::taillard(20, 5, 873_654_221).unwrap())),
    ]
}

/// Name and problem, of other spaces.
fn others() -> Vec<(&'static str, Arc<dyn Problem>)> {
    vec![
        ("sphere", Arc::new(Sphere::try_from(FunctionOptions::default()).unwrap())),
        ("one-max", Arc::new(OneMax::from(BitOptions::default()))),
        ("mixed", Arc::new(Mixed {})),
        ("welded-beam", Arc::new(WeldedBeam {})),
    ]
}

fn setup(problem: &dyn Problem, batch: usize) -> Setup {
    Setup { batch, operators: problem.operators(), ..Setup::new(Arc::new(problem.signature()), 11) }
}

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

fn memetic(problem: &dyn Problem, options: &MemeticOptions) -> Settings {
    Settings::Memetic(options.resolve(&problem.signature().space, &problem.operators(), 4))
}

fn genetic(problem: &dyn Problem, options: &GeneticOptions) -> Settings {
    Settings::Genetic(options.resolve(&problem.signature().space, 4))
}

fn few() -> MemeticOptions {
    MemeticOptions { population: Some(12), ..MemeticOptions::default() }
}

const CROSSOVERS: [CrossoverOperator; 5] = [
    CrossoverOperator::Order,
    CrossoverOperator::PartiallyMapped,
    CrossoverOperator::EdgeRecombination,
    CrossoverOperator::EdgeAssembly,
    CrossoverOperator::JobOrder,
];

const MUTATIONS: [MutationOperator; 4] =
    [MutationOperator::Moves, MutationOperator::Inversion, MutationOperator::Insertion, MutationOperator::OrOpt];

#[test]
fn the_memetic_algorithm_keeps_the_contract() {
    for (name, problem) in arrangements().into_iter().chain(others()) {
        println!("{name}");
        with(&memetic(&*problem, &few()), &*problem, 1, 80, check);
    }
    let tour = gr17();
    for group in [2, 5, 12, 50] {
        with(&memetic(&*tour, &few()), &*tour, group, 80, check);
    }
    let two = MemeticOptions { population: Some(2), improve: Some(false), ..MemeticOptions::default() };
    with(&memetic(&*tour, &two), &*tour, 1, 200, check);
}

#[test]
fn genetic_keeps_the_contract_on_arrangements() {
    for (name, problem) in arrangements() {
        for schedule in [Schedule::Generations, Schedule::Window(7)] {
            println!("{name} {schedule:?}");
            let options =
                GeneticOptions { population: Some(12), schedule: Some(schedule), ..GeneticOptions::default() };
            with(&genetic(&*problem, &options), &*problem, 1, 100, check);
        }
    }
}

#[test]
fn every_operator_keeps_the_contract() {
    for (name, problem) in [("gr17", gr17()), ("ft06", ft06())] {
        for crossover in CROSSOVERS {
            if name == "ft06" && crossover == CrossoverOperator::EdgeAssembly {
                continue;
            }
            for schedule in [Schedule::Generations, Schedule::Window(5)] {
                println!("{name} {crossover:?} {schedule:?}");
                let options = GeneticOptions {
                    population: Some(10),
                    schedule: Some(schedule),
                    crossover: Some(0.8),
                    crossover_operator: Some(crossover),
                    improve: Some(crossover == CrossoverOperator::Order),
                    ..GeneticOptions::default()
                };
                with(&genetic(&*problem, &options), &*problem, 1, 80, check);
            }
        }
        for mutation in MUTATIONS {
            let options = GeneticOptions {
                population: Some(10),
                mutation: Some(0.1),
                mutation_operator: Some(mutation),
                ..GeneticOptions::default()
            };
            with(&genetic(&*problem, &options), &*problem, 1, 80, check);
        }
    }
}

#[test]
fn the_best_known_is_reached() {
    for ((_, problem), (best, evaluations)) in
        arrangements().into_iter().zip([(2085.0, 100), (55.0, 200), (578.0, 1000), (1278.0, 10_000)])
    {
        with(&memetic(&*problem, &MemeticOptions::default()), &*problem, 1, evaluations, |case| reaches(case, best));
    }
    // Without the local search, the children of tours are as good.
    let options = MemeticOptions { improve: Some(false), ..MemeticOptions::default() };
    with(&memetic(&*gr17(), &options), &*gr17(), 1, 3000, |case| reaches(case, 2085.0));
    let options = GeneticOptions::default();
    with(&genetic(&*ft06(), &options), &*ft06(), 1, 10_000, |case| reaches(case, 55.0));
}

#[test]
fn any_number_of_threads_breeds_the_same() {
    // Long enough that the work is handed over.
    let problem = ft06();
    let run = || with(&memetic(&*problem, &MemeticOptions::default()), &*problem, 1, 200, digest);
    let wanted = run();
    for threads in [1, 2, 7] {
        parallel::limit_threads(std::num::NonZero::new(threads).unwrap());
        assert_eq!(run(), wanted, "{threads}");
    }
}

#[test]
fn histories_are_golden() {
    let mut found = String::new();
    let mut add = |problem: &dyn Problem, name: &str, algorithm: &str, settings: &Settings| {
        let digest = with(settings, problem, 1, 120, digest);
        found = format!("{found}{name:11} {algorithm:34} {digest}\n");
    };
    for (name, problem) in arrangements().into_iter().chain(others()) {
        add(&*problem, name, "memetic", &memetic(&*problem, &few()));
    }
    for (name, problem) in arrangements() {
        for (schedule, word) in [(Schedule::Generations, "generations"), (Schedule::Window(8), "window-8")] {
            let options =
                GeneticOptions { population: Some(20), schedule: Some(schedule), ..GeneticOptions::default() };
            add(&*problem, name, &format!("genetic/{word}"), &genetic(&*problem, &options));
            let options = GeneticOptions { improve: Some(true), ..options };
            add(&*problem, name, &format!("genetic/{word}/improve"), &genetic(&*problem, &options));
        }
    }
    for (name, problem) in [("gr17", gr17()), ("ft06", ft06())] {
        for crossover in CROSSOVERS {
            if name == "ft06" && crossover == CrossoverOperator::EdgeAssembly {
                continue;
            }
            let options = MemeticOptions { crossover_operator: Some(crossover), improve: Some(false), ..few() };
            add(&*problem, name, &format!("memetic/{}", crossover.name()), &memetic(&*problem, &options));
        }
        for mutation in MUTATIONS {
            let options =
                GeneticOptions { population: Some(20), mutation_operator: Some(mutation), ..GeneticOptions::default() };
            add(&*problem, name, &format!("genetic/{}", mutation.name()), &genetic(&*problem, &options));
        }
    }
    assert_eq!(found, GOLDEN, "found:\n{found}");
}

const GOLDEN: &str = "\
gr17        memetic                            2dfc0818a15a01761e58838eb78f8bfe
ft06        memetic                            67f23a37d2daaf53b19aa8a7b5052576
nug12       memetic                            b6b0795dfe4ba4fb8115ae6cbb4250f3
ta001       memetic                            b680e723d94e4535481dbfe592435cd2
sphere      memetic                            62fa1bcaa2febc98a8cff2b530c22ec0
one-max     memetic                            da4f3f055c1bd76f43deb61d4fcec94a
mixed       memetic                            ad50fab08e43e70ad0394bf66abf45ef
welded-beam memetic                            9dc0e36475f3f820597b4ab5ad84af3c
gr17        genetic/generations                e8add5f1d26d5233b038a8ee4d469d51
gr17        genetic/generations/improve        742cedbf7a1c28e1b576b81a4bb8018f
gr17        genetic/window-8                   a11e1cd21224939fd159ea11e7c9a2fa
gr17        genetic/window-8/improve           e8e6c60523bbdc435a9fd9e7ef62018b
ft06        genetic/generations                d6636e2a16a641e63305ff592034497e
ft06        genetic/generations/improve        f7c5574035deb2336967c7ff375aecc1
ft06        genetic/window-8                   53b3777e6740f6d04b5996b84e0d5e4c
ft06        genetic/window-8/improve           87f6f49b1a403516b17812146b1e652f
nug12       genetic/generations                ff4ef345bfabb3031444e98672a671b9
nug12       genetic/generations/improve        a95af97986078d95a8a54975d230aa2c
nug12       genetic/window-8                   04fdfc35b17176ad6686e6e1038174e2
nug12       genetic/window-8/improve           478cd1118b7a63f389766eac50f36805
ta001       genetic/generations                fc47b75d35a479d38f326fb161208511
ta001       genetic/generations/improve        4142ba1d97bf5844cb0d85dfb68addeb
ta001       genetic/window-8                   cce6654278d4ac006cb375568e34bb14
ta001       genetic/window-8/improve           0f12087ccb200562b6a09f5efdbbf249
gr17        memetic/order                      44b394a4c4aa1d6678f102a8d070d4d1
gr17        memetic/partially-mapped           392a187f77dbe8bae0ed353ca775d4db
gr17        memetic/edge-recombination         118ac1df8eb336cb456f19b2c177105e
gr17        memetic/edge-assembly              a3189b905ff504ff90c3e41849c9a8f6
gr17        memetic/job-order                  4ccda361616aa0c2ba21b4c857131e13
gr17        genetic/moves                      e8add5f1d26d5233b038a8ee4d469d51
gr17        genetic/inversion                  51656dbe1fc95601f741ebec7558b712
gr17        genetic/insertion                  b77391f8f950b72310db82c32c3e2c60
gr17        genetic/or-opt                     4b7aa06aa8a71a74435aa3b5f1749294
ft06        memetic/order                      3b466981c24377981d9243b2f20bf984
ft06        memetic/partially-mapped           e3f99fae111bc46940b248bd9442576f
ft06        memetic/edge-recombination         7e636c85afea8ca66d8e4683ceed0823
ft06        memetic/job-order                  9d2778447e5407c70b57512a96c659a9
ft06        genetic/moves                      d6636e2a16a641e63305ff592034497e
ft06        genetic/inversion                  8ca8b49a89ce84e1b3f9caef9fcf6991
ft06        genetic/insertion                  6acc5768bbb6a2264e090fc023b26921
ft06        genetic/or-opt                     5a0b2bc1ba99f4af7de345c22e726334
";

#[test]
fn auto_makes_use_of_what_a_problem_brings_along() {
    let choose = |problem: &dyn Problem, budget| {
        let operators = problem.operators();
        let Choice { settings, why } = Options::Auto.choose_with(&operators, &problem.signature(), budget, 16).unwrap();
        settings.check(&setup(problem, 1)).unwrap();
        (settings, why)
    };
    let (settings, why) = choose(&*gr17(), None);
    assert_eq!((settings.name(), settings.first()), (Memetic::NAME, Some(112)));
    assert_eq!(
        why,
        "the problem gives distances for edge assembly, and improves every child itself; here 17 items to arrange"
    );
    let (settings, why) = choose(&*ft06(), Some(200));
    assert_eq!((settings.name(), settings.first()), (Memetic::NAME, Some(20)));
    assert!(why.ends_with("; a population of 20 instead of 32, for the budget"), "{why}");
    assert_eq!(choose(&Mixed {}, None).0.name(), Genetic::NAME);
    // Nothing is known of a problem elsewhere but its signature.
    let choice = Options::Auto.choose(&gr17().signature(), None, 16).unwrap();
    assert_eq!(choice.settings.name(), Genetic::NAME);
}

/// Counts how often it is asked, and turns everything round.
#[derive(Debug, Default)]
struct Own(AtomicU64);

impl Own {
    fn turn(&self, items: &mut [u32]) {
        self.0.fetch_add(1, Ordering::Relaxed);
        items.reverse();
    }
}

impl Crossover for Own {
    fn cross(&self, first: &mut [u32], second: &mut [u32], _: &mut Stream) {
        self.turn(first);
        second.reverse();
    }
}

impl Mutation for Own {
    fn mutate(&self, items: &mut [u32], _: &mut Stream) {
        self.turn(items);
    }
}

impl Start for Own {
    fn start(&self, genome: GenomeMut<'_>, index: u64, _: &mut Stream) {
        self.turn(genome.items);
        genome.items.sort_unstable();
        genome.items.rotate_left(index as usize % 17);
    }
}

impl Improve for Own {
    fn improve(&self, genome: GenomeMut<'_>, _: &mut Stream) {
        self.0.fetch_add(1, Ordering::Relaxed);
        // No permutation: it is put back.
        genome.items.fill(0);
    }
}

#[test]
fn own_operators_are_asked() {
    let problem = gr17();
    let [crossover, mutation, start, improve] = [(); 4].map(|()| Arc::new(Own::default()));
    let operators = Operators {
        crossover: Some(Arc::clone(&crossover) as _),
        mutation: Some(Arc::clone(&mutation) as _),
        start: Some(Arc::clone(&start) as _),
        improve: Some(Arc::clone(&improve) as _),
        distances: None,
    };
    let setup = Setup { operators, ..setup(&*problem, 1) };
    let space = problem.signature().space;
    let options = MemeticOptions { population: Some(6), mutation: Some(0.5), ..MemeticOptions::default() };
    let by_memetic = Settings::Memetic(options.resolve(&space, &setup.operators, 1));
    let window = GeneticOptions {
        population: Some(6),
        schedule: Some(Schedule::Window(3)),
        crossover: Some(1.0),
        mutation: Some(0.5),
        improve: Some(true),
        ..GeneticOptions::default()
    };
    for settings in [by_memetic, genetic(&*problem, &window)] {
        let counts = || [&crossover, &mutation, &start, &improve].map(|own| own.0.load(Ordering::Relaxed));
        let before = counts();
        let mut algorithm = settings.begin(setup.clone()).unwrap();
        let mut batch = Batch::default();
        algorithm.ask(6, &mut batch);
        for (row, items) in batch.genomes.items.chunks(17).enumerate() {
            let turned: Vec<u32> = (0..17).map(|item| (item + row as u32) % 17).collect();
            assert_eq!(items, turned, "the rule of starts, and nothing spoiled");
        }
        with_case(&settings, &*problem, &setup, 60);
        assert!(counts().iter().zip(before).all(|(after, before)| *after > before), "{:?}", counts());
    }
}

fn with_case(settings: &Settings, problem: &dyn Problem, setup: &Setup, evaluations: u64) {
    check(&Case {
        problem,
        group: 1,
        new: &|| settings.begin(setup.clone()).unwrap(),
        restore: &|snapshot| settings.restore(setup.clone(), snapshot),
        evaluations,
    });
}

#[test]
fn what_a_problem_lacks_is_refused() {
    let refused = |settings: Settings, problem: &dyn Problem| settings.begin(setup(problem, 1)).err().unwrap();
    let options = GeneticOptions { improve: Some(true), ..GeneticOptions::default() };
    assert_eq!(refused(genetic(&Mixed {}, &options), &Mixed {}), ConfigError::NoImprovement);
    let options =
        GeneticOptions { crossover_operator: Some(CrossoverOperator::EdgeAssembly), ..GeneticOptions::default() };
    let error = refused(genetic(&*ft06(), &options), &*ft06());
    assert!(error.to_string().contains("needs one permutation"), "{error}");
}
