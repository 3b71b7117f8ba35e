//! Several goals: NSGA-II by every schedule, on spaces of every kind.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{GeneticOptions, Schedule, Settings, Setup},
    evaluator::{Batch, Results},
    indicators::{hypervolume, inverted_generational_distance_plus},
    maths,
    outcomes::{OutcomeShape, Outcomes},
    parallel::evaluate,
    problem::{Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    problems::{BitOptions, Dimension, FunctionOptions, Mixed, OneMax, Shift, Sphere, Tour, WeldedBeam, tsplib},
    space::{Domain, Genome, Parameter, Space},
};
use genetic_pool_testkit::contract::algorithm::{Case, check, digest};

/// A problem with further goals, which every kind of gene takes part in and which pull elsewhere.
struct Further {
    problem: Arc<dyn Problem>,
    goals: usize,
}

impl Problem for Further {
    fn signature(&self) -> Signature {
        let mut signature = self.problem.signature();
        let directions = [Direction::Maximize, Direction::Minimize].into_iter().cycle();
        let further = directions.enumerate().take(self.goals - 1);
        signature
            .goals
            .extend(further.map(|(goal, direction)| Goal { name: format!("further{goal}"), direction }));
        signature
    }

    fn evaluate(&self, genome: Genome<'_>, trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let Outcome { objectives, constraints, measures } = outcome;
        let (first, further) = objectives.split_at_mut(1);
        self.problem.evaluate(genome, trial, &mut Outcome { objectives: first, constraints, measures })?;
        for (goal, objective) in further.iter_mut().enumerate() {
            let weight = |place: usize| f64::from(((place + goal) % 3) as u32) - 0.5;
            let reals = genome.reals().iter().enumerate().map(|(place, gene)| weight(place) * gene);
            let ints = genome.ints().iter().enumerate().map(|(place, gene)| weight(place) * *gene as f64);
            let bits = genome.bits().iter().enumerate().map(|(place, word)| weight(place) * f64::from(word.count_ones()));
            let items = genome.permutation().iter().enumerate().map(|(place, item)| weight(place) * f64::from(*item));
            *objective = reals.chain(ints).chain(bits).chain(items).fold(0.0, |sum, part| sum + part);
        }
        Ok(())
    }
}

fn problems() -> Vec<(&'static str, Arc<dyn Problem>)> {
    let shifted = FunctionOptions { shift: Shift::Random, seed: Some(3), ..FunctionOptions::default() };
    let nodes: Vec<String> = (0..9).map(|k| format!("{} {} {}", k + 1, k * k % 7, k * 5 % 9)).collect();
    let text = format!(
        "NAME: nine\nTYPE: TSP\nDIMENSION: 9\nEDGE_WEIGHT_TYPE: EUC_2D\nNODE_COORD_SECTION\n{}\nEOF\n",
        nodes.join("\n")
    );
    let further = |problem: Arc<dyn Problem>, goals| -> Arc<dyn Problem> { Arc::new(Further { problem, goals }) };
    vec![
        ("sphere", further(Arc::new(Sphere::try_from(shifted).unwrap()), 2)),
        ("one-max", further(Arc::new(OneMax::from(BitOptions { bits: Dimension::new(150) })), 2)),
        ("mixed", further(Arc::new(Mixed {}), 3)),
        ("welded-beam", further(Arc::new(WeldedBeam {}), 2)),
        ("tour", further(Arc::new(Tour { instance: tsplib::parse(&text).unwrap() }), 4)),
        ("zdt1", Arc::new(Zdt1)),
        ("dtlz2", Arc::new(Dtlz2)),
        // One goal is several, too.
        ("single", Arc::new(Mixed {})),
    ]
}

/// ZDT1 of 30 variables: E. Zitzler, K. Deb and L. Thiele, Evolutionary Computation 8(2), 2000,
/// [doi:10.1162/106365600568202](https://doi.org/10.1162/106365600568202). The front is f2 = 1 - √f1.
struct Zdt1;

/// DTLZ2 of 12 variables and three goals: K. Deb, L. Thiele, M. Laumanns and E. Zitzler, CEC 2002,
/// [doi:10.1109/CEC.2002.1007032](https://doi.org/10.1109/CEC.2002.1007032). The front is an eighth of a sphere.
struct Dtlz2;

fn unit_cube(variables: usize, goals: &[&str]) -> Signature {
    let goal = |name: &&str| Goal { name: (*name).into(), direction: Direction::Minimize };
    Signature {
        space: Space::new(vec![Parameter::new("x", Domain::real(0.0, 1.0)).len(variables)]).unwrap(),
        goals: goals.iter().map(goal).collect(),
        constraints: Vec::new(),
        measures: Vec::new(),
    }
}

impl Problem for Zdt1 {
    fn signature(&self) -> Signature {
        unit_cube(30, &["f1", "f2"])
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let x = genome.reals();
        let g = 1.0 + 9.0 * x[1..].iter().fold(0.0, |sum, x| sum + x) / 29.0;
        outcome.objectives[0] = x[0];
        outcome.objectives[1] = g * (1.0 - (x[0] / g).sqrt());
        Ok(())
    }
}

impl Problem for Dtlz2 {
    fn signature(&self) -> Signature {
        unit_cube(12, &["f1", "f2", "f3"])
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let x = genome.reals();
        let g = x[2..].iter().fold(0.0, |sum, x| sum + (x - 0.5) * (x - 0.5));
        let (a, b) = (x[0] / 2.0, x[1] / 2.0);
        outcome.objectives[0] = (1.0 + g) * maths::cos_pi(a) * maths::cos_pi(b);
        outcome.objectives[1] = (1.0 + g) * maths::cos_pi(a) * maths::sin_pi(b);
        outcome.objectives[2] = (1.0 + g) * maths::sin_pi(a);
        Ok(())
    }
}

fn nsga2(problem: &dyn Problem, options: &GeneticOptions) -> Settings {
    Settings::Nsga2(options.resolve(&problem.signature().space, 4))
}

fn setup(problem: &dyn Problem, batch: usize, seed: u64) -> Setup {
    Setup { batch, ..Setup::new(Arc::new(problem.signature()), seed) }
}

fn with<R>(
    problem: &dyn Problem,
    options: &GeneticOptions,
    batch: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    let settings = nsga2(problem, options);
    then(&Case {
        problem,
        group: batch,
        new: &|| settings.begin(setup(problem, batch, 11)).unwrap(),
        restore: &|snapshot| settings.restore(setup(problem, batch, 11), snapshot),
        evaluations,
    })
}

fn small(schedule: Schedule) -> GeneticOptions {
    GeneticOptions { population: Some(20), schedule: Some(schedule), ..GeneticOptions::default() }
}

#[test]
fn by_generations_it_keeps_the_contract() {
    for (name, problem) in problems() {
        println!("{name}");
        with(&*problem, &small(Schedule::Generations), 1, 200, check);
    }
}

#[test]
fn in_a_window_it_keeps_the_contract() {
    for (name, problem) in problems() {
        for window in [1, 7, 33] {
            println!("{name} in a window of {window}");
            with(&*problem, &small(Schedule::Window(window)), 1, 200, check);
        }
    }
}

#[test]
fn groups_and_unequal_numbers_keep_the_contract() {
    for group in [2, 7, 50] {
        with(&Zdt1, &small(Schedule::Generations), group, 200, check);
    }
    for group in [2, 7] {
        with(&Zdt1, &small(Schedule::Window(15)), group, 200, check);
    }
    for (population, offspring, tournament) in [(2, 2, 1), (3, 8, 3), (20, 4, 2), (5, 70, 5)] {
        let options = GeneticOptions {
            population: Some(population),
            offspring: Some(offspring),
            tournament: Some(tournament),
            ..GeneticOptions::default()
        };
        with(&Dtlz2, &options, 1, 200, check);
    }
}

/// Runs `evaluations` by NSGA-II; the objectives of the last population.
fn front(problem: &dyn Problem, options: &GeneticOptions, evaluations: usize, seed: u64) -> Vec<f64> {
    let signature = problem.signature();
    let mut algorithm = nsga2(problem, options).begin(setup(problem, 1, seed)).unwrap();
    let mut batch = Batch::default();
    let mut committed = 0;
    while committed < evaluations {
        algorithm.ask(usize::MAX, &mut batch);
        let rows = batch.candidates.len();
        let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), rows);
        evaluate(problem, &signature, seed, &batch, 0..rows, &mut outcomes);
        let results = Results { candidates: batch.candidates.clone(), outcomes, seconds: vec![0.0; rows] };
        algorithm.tell(&results).unwrap();
        while let Some(unit) = algorithm.commit() {
            committed += unit.candidates.len();
        }
    }
    algorithm.population().outcomes.objectives.clone()
}

#[test]
fn fronts_are_reached_and_covered() {
    // The whole front has 0.8762 and 0.7879; what is asked for is in reach of each of many seeds at twice the budget.
    for schedule in [Schedule::Generations, Schedule::Window(12)] {
        let options = GeneticOptions { schedule: Some(schedule), ..GeneticOptions::default() };
        let found = front(&Zdt1, &options, 25_000, 5);
        assert_eq!(found.len(), 200);
        let volume = hypervolume(&found, &[1.1; 2]).unwrap();
        assert!(volume > 0.868, "{volume}");
        let wanted: Vec<f64> =
            (0..=100).map(|k| f64::from(k) / 100.0).flat_map(|first: f64| [first, 1.0 - first.sqrt()]).collect();
        let distance = inverted_generational_distance_plus(&found, &wanted, 2).unwrap();
        assert!(distance < 0.006, "{distance}");

        let found = front(&Dtlz2, &options, 25_000, 5);
        let volume = hypervolume(&found, &[1.1; 3]).unwrap();
        assert!(volume > 0.68, "{volume}");
    }
}

/// As the table of the algorithms with one goal.
#[test]
fn histories_are_golden() {
    let mut found = String::new();
    for (name, problem) in problems() {
        for (schedule, word) in [(Schedule::Generations, "generations"), (Schedule::Window(8), "window-8")] {
            let digest = with(&*problem, &small(schedule), 1, 1000, digest);
            found = format!("{found}{name:12} nsga-2/{word:12} {digest}\n");
        }
    }
    assert_eq!(found, GOLDEN, "found:\n{found}");
}

const GOLDEN: &str = "";

/// Not a test of anything but its figures.
#[test]
#[ignore]
fn figures() {
    for (name, problem, goals) in [("zdt1", &Zdt1 as &dyn Problem, 2), ("dtlz2", &Dtlz2, 3)] {
        for schedule in [Schedule::Generations, Schedule::Window(1), Schedule::Window(48)] {
            let options = GeneticOptions { schedule: Some(schedule), population: Some(100), ..GeneticOptions::default() };
            let mut volumes: Vec<f64> =
                (0..20).map(|seed| hypervolume(&front(problem, &options, 25_100, seed), &vec![1.1; goals]).unwrap()).collect();
            volumes.sort_by(f64::total_cmp);
            println!("{name} {schedule:?}: {:.4} [{:.4}, {:.4}]", (volumes[9]+volumes[10])/2.0, volumes[0], volumes[19]);
        }
    }
}
