//! Several goals: NSGA-II by every schedule, on spaces of every kind.

use std::{sync::Arc, time::Duration};

use genetic_pool_evolve::{
    algorithms::{GeneticOptions, Schedule, Settings, Setup},
    evaluator::{Batch, Results},
    indicators::{hypervolume, inverted_generational_distance_plus},
    maths,
    outcomes::{OutcomeShape, Outcomes},
    parallel::evaluate,
    problem::{Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    problems::{BitOptions, Dimension, FunctionOptions, Mixed, OneMax, Shift, Sphere, Tour, WeldedBeam, tsplib},
    search::Search,
    space::{Domain, Genome, Parameter, Space},
    stop::{FailurePolicy, StopReason, StopRule, StopRules, Target},
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
        signature.goals.extend(further.map(|(goal, direction)| Goal { name: format!("further{goal}"), direction }));
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
            let bits =
                genome.bits().iter().enumerate().map(|(place, word)| weight(place) * f64::from(word.count_ones()));
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

const GOLDEN: &str = "\
sphere       nsga-2/generations  d65849c88fdc0882293533cbff23e5ff
sphere       nsga-2/window-8     a6750357a880b4156836f3052c9bd824
one-max      nsga-2/generations  e13a8c61d94321d5eab2ba2725c15ca3
one-max      nsga-2/window-8     18621bd51ffc64673c303a1e875f1f72
mixed        nsga-2/generations  0fe1311e107bd195acbde756b3d7b2e5
mixed        nsga-2/window-8     599c4b1ea31c16de460f407f4fc6e2c5
welded-beam  nsga-2/generations  8dbe9c3cb140650e806e158aaa4b82cd
welded-beam  nsga-2/window-8     959ebbe5fdad9630dca542fa91995c59
tour         nsga-2/generations  6bc4983f3dda0ae9426950e828797d31
tour         nsga-2/window-8     17006ffbd863354df4cb51b6837eb0fb
zdt1         nsga-2/generations  1fe260bce5d31f976712d7b6bd52ef10
zdt1         nsga-2/window-8     c51a5f8da1522e76f06121b30a9715fb
dtlz2        nsga-2/generations  ffc6f7772394305c246af10053e38271
dtlz2        nsga-2/window-8     f0237fff5c82e4cd7847934cb7ea41b0
single       nsga-2/generations  ebb7ebfa22cb020b74009d53b255e681
single       nsga-2/window-8     c3fd5c93ef6baefe6d453e6d014582ad
";

/// Runs `evaluations` by random candidates of `problem` handed to a search that stops by `rules`.
fn searched(problem: &dyn Problem, rules: StopRules, pause: bool) -> (Search, StopReason) {
    let signature = Arc::new(problem.signature());
    let settings = nsga2(problem, &small(Schedule::Generations));
    let begin = settings.begin(setup(problem, 1, 4)).unwrap();
    let mut search = Search::new(begin, signature.clone(), rules.clone(), FailurePolicy::default());
    let mut batch = Batch::default();
    loop {
        search.ask(usize::MAX, &mut batch);
        let rows = batch.candidates.len();
        let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), rows);
        evaluate(problem, &signature, 4, &batch, 0..rows, &mut outcomes);
        search.tell(&Results { candidates: batch.candidates.clone(), outcomes, seconds: vec![0.0; rows] }).unwrap();
        loop {
            if let Some(reason) = search.stop(Duration::ZERO) {
                return (search, reason);
            }
            if search.commit().is_none() {
                break;
            }
            if pause {
                // As a run is stored and goes on.
                let snapshot = search.snapshot();
                let algorithm = settings.restore(setup(problem, 1, 4), &snapshot.algorithm).unwrap();
                let policy = FailurePolicy::default();
                search = Search::resume(algorithm, signature.clone(), rules.clone(), policy, snapshot.progress);
            }
        }
    }
}

fn any(rule: StopRule) -> StopRules {
    StopRules { any: vec![rule], all: Vec::new() }
}

#[test]
fn what_is_known_of_the_front_goes_on_with_the_search() {
    for (name, problem) in problems() {
        let rules = any(StopRule::Evaluations(600));
        let (straight, _) = searched(&*problem, rules.clone(), false);
        let (paused, _) = searched(&*problem, rules, true);
        assert_eq!(straight.progress(), paused.progress(), "{name}");
        let front = &straight.progress().front;
        assert_eq!(
            front.reference.len(),
            if problem.signature().goals.len() > 1 { problem.signature().goals.len() } else { 0 }
        );
    }
}

#[test]
fn a_target_is_reached_by_one_candidate_in_all_its_goals() {
    let target =
        |first, second| StopRule::Target(vec![Target { goal: 0, value: first }, Target { goal: 1, value: second }]);
    let either = |rule| StopRules { any: vec![rule, StopRule::Evaluations(20_000)], all: Vec::new() };
    // On the front f2 is 0.6 where f1 is 0.16, and no less than 0.5 where f1 is 0.25.
    let (search, reason) = searched(&Zdt1, either(target(0.2, 0.6)), false);
    assert_eq!(reason, StopReason::Rule(target(0.2, 0.6)));
    let best = &search.progress().best.outcomes;
    assert!((0..best.rows).any(|row| best.objectives(row)[0] <= 0.2 && best.objectives(row)[1] <= 0.6));
    let (_, reason) = searched(&Zdt1, either(target(0.25, 0.49)), false);
    assert_eq!(reason, StopReason::Rule(StopRule::Evaluations(20_000)));
}

#[test]
fn a_run_ends_where_the_hypervolume_stalls() {
    let rule = StopRule::HypervolumeStall(1000);
    let rules = StopRules { any: vec![rule.clone(), StopRule::Evaluations(100_000)], all: Vec::new() };
    let (search, reason) = searched(&Zdt1, rules.clone(), false);
    assert_eq!(reason, StopReason::Rule(rule));
    let progress = search.progress();
    assert_eq!(progress.evaluations - progress.front.grown, 1000);
    // Not before it is nearly as good as it gets, beyond the reference that follows from the first generation.
    let reference = &progress.front.reference;
    let whole = reference[0] * reference[1] - 1.0 / 3.0;
    let volume = progress.hypervolume(search.signature()).unwrap();
    assert!(volume > 0.97 * whole && volume <= whole * 1.0001, "{volume} of {whole}");
    let (paused, _) = searched(&Zdt1, rules, true);
    assert_eq!(paused.progress(), progress);
}
