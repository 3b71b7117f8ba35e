//! The CMA evolution strategy.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{CmaEsOptions, ConfigError, Covariance, Options, Restarts, Settings, Setup},
    evaluator::Batch,
    maths::{self, linear::dot, symmetric::Eigen},
    problem::{Bound, Constraint, Direction, Failure, Goal, Outcome, Problem, Signature, Trial},
    problems::{FunctionOptions, Mixed, Rastrigin, Shift, Sphere, WeldedBeam},
    random::{Purpose, Stream},
    space::{Domain, Genome, Level, Parameter, Scale, Space},
    vector::Width,
};
use genetic_pool_testkit::contract::algorithm::{Case, check, digest, reaches};

fn settings(problem: &dyn Problem, options: CmaEsOptions) -> Settings {
    Options::CmaEs(options).choose(&problem.signature(), None, 1).unwrap().settings
}

fn with<R>(
    problem: &dyn Problem,
    options: CmaEsOptions,
    batch: usize,
    evaluations: u64,
    then: impl FnOnce(&Case<'_>) -> R,
) -> R {
    let settings = settings(problem, options);
    let setup = || Setup { batch, ..Setup::new(Arc::new(problem.signature()), 11) };
    then(&Case {
        problem,
        group: batch,
        new: &|| settings.begin(setup()).unwrap(),
        restore: &|snapshot| settings.restore(setup(), snapshot),
        evaluations,
    })
}

fn minimize(name: &str) -> Vec<Goal> {
    vec![Goal { name: name.into(), direction: Direction::Minimize }]
}

fn shifted(dimension: usize) -> FunctionOptions {
    FunctionOptions {
        shift: Shift::Random,
        seed: Some(3),
        dimension: genetic_pool_evolve::problems::Dimension::new(dimension).unwrap(),
        ..FunctionOptions::default()
    }
}

/// A shifted and turned ellipsoid of condition 1e6 in [-5, 5].
struct Ellipsoid {
    basis: Vec<f64>,
    best: Vec<f64>,
}

impl Ellipsoid {
    fn new(n: usize) -> Ellipsoid {
        let mut stream = Stream::new(1, 0, Purpose::Instance, n as u64);
        let matrix: Vec<f64> = (0..n * n).map(|_| stream.unit() - 0.5).collect();
        let mut eigen = Eigen::identity(n);
        assert!(eigen.decompose(Width::current(), &matrix));
        Ellipsoid { basis: eigen.vectors, best: (0..n).map(|_| 8.0 * stream.unit() - 4.0).collect() }
    }
}

impl Problem for Ellipsoid {
    fn signature(&self) -> Signature {
        let x = Parameter::new("x", Domain::real(-5.0, 5.0)).len(self.best.len());
        let space = Space::new(vec![x]).unwrap();
        Signature { space, goals: minimize("value"), constraints: Vec::new(), measures: Vec::new() }
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let n = self.best.len();
        let from: Vec<f64> = genome.reals().iter().zip(&self.best).map(|(x, best)| x - best).collect();
        let axes = self.basis.chunks_exact(n).enumerate();
        outcome.objectives[0] = axes
            .map(|(k, row)| {
                let along = dot(row, &from);
                maths::pow(1e6, k as f64 / (n - 1) as f64) * along * along
            })
            .sum();
        Ok(())
    }
}

/// Reals, on a log scale and on steps, whole numbers, an ordinal and bits, each with a best value, and a constraint.
struct Ordered {
    constrained: bool,
}

impl Problem for Ordered {
    fn signature(&self) -> Signature {
        let real = |scale, low, high, step| Domain::Real { low, high, scale, step };
        let space = Space::new(vec![
            Parameter::new("x", Domain::real(-1.0, 1.0)).len(3),
            Parameter::new("rate", real(Scale::Log, 1e-6, 1.0, None)),
            Parameter::new("thick", real(Scale::Linear, 0.0, 10.0, Some(0.25))),
            Parameter::new("teeth", Domain::Int { low: -20, high: 20 }),
            Parameter::new("grade", Domain::Ordinal { levels: (0..5).map(Level::Int).collect() }),
            Parameter::new("holes", Domain::Bit).len(4),
            Parameter::new("only", Domain::Int { low: 3, high: 3 }),
        ])
        .unwrap();
        let sum = || Constraint { name: "sum".into(), bound: Bound::Min(0.5) };
        let constraints = self.constrained.then(sum).into_iter().collect();
        Signature { space, goals: minimize("value"), constraints, measures: Vec::new() }
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let (x, ints) = (genome.reals(), genome.ints());
        assert_eq!(ints[2], 3);
        let bits = genome.bits()[0] ^ 0b0101;
        let square = |value: f64| value * value;
        outcome.objectives[0] = square(x[0] - 0.3)
            + square(x[1] + 0.4)
            + square(x[2])
            + square((maths::ln(x[3]) - maths::ln(0.01)) / 5.0)
            + square((x[4] - 7.25) / 5.0)
            + square((ints[0] - 13) as f64 / 10.0)
            + square((ints[1] - 3) as f64 / 2.0)
            + f64::from(bits.count_ones());
        if self.constrained {
            outcome.constraints[0] = x[0] + x[1] + x[2];
        }
        Ok(())
    }
}

/// What is tried, by name.
fn variants() -> Vec<(&'static str, CmaEsOptions)> {
    let plain = CmaEsOptions {
        population: Some(8),
        model: Some(false),
        mirrored: Some(false),
        restarts: Some(Restarts::None),
        covariance: Some(Covariance::Full),
        ..CmaEsOptions::default()
    };
    vec![
        ("full", plain.clone()),
        ("separable", CmaEsOptions { covariance: Some(Covariance::Separable), ..plain.clone() }),
        ("mirrored", CmaEsOptions { mirrored: Some(true), population: Some(7), ..plain.clone() }),
        ("ipop", CmaEsOptions { restarts: Some(Restarts::Ipop), population: Some(4), ..plain.clone() }),
        ("bipop", CmaEsOptions { restarts: Some(Restarts::Bipop), population: Some(4), ..plain.clone() }),
        ("model", CmaEsOptions { model: Some(true), ..plain }),
        ("usual", CmaEsOptions::default()),
    ]
}

/// Name, problem, and evaluations that show what is done: several descents on the small ones.
fn problems() -> Vec<(&'static str, Box<dyn Problem>, u64)> {
    vec![
        ("sphere-2", Box::new(Sphere::try_from(shifted(2)).unwrap()), 900),
        ("ellipsoid-5", Box::new(Ellipsoid::new(5)), 400),
        ("ordered", Box::new(Ordered { constrained: false }), 300),
        ("constrained", Box::new(Ordered { constrained: true }), 300),
        ("welded-beam", Box::new(WeldedBeam {}), 300),
    ]
}

#[test]
fn every_variant_keeps_the_contract() {
    for (problem_name, problem, evaluations) in problems() {
        for (name, options) in variants() {
            println!("{problem_name} {name}");
            with(&*problem, options, 1, evaluations, check);
        }
    }
}

#[test]
fn groups_keep_the_contract() {
    let problem = Ellipsoid::new(5);
    for group in [2, 3, 8, 20] {
        with(&problem, CmaEsOptions::default(), group, 200, check);
    }
}

#[test]
fn histories_are_golden() {
    let mut found = String::new();
    for (problem_name, problem, shown) in problems() {
        for (name, options) in variants() {
            let digest = with(&*problem, options, 1, if shown > 800 { 8000 } else { 1000 }, digest);
            found = format!("{found}{problem_name:12} {name:10} {digest}\n");
        }
    }
    assert_eq!(found, GOLDEN, "found:\n{found}");
}

/// They change only together with the algorithm's version and a line in the changelog.
const GOLDEN: &str = "\
sphere-2     full       5c677f34e64ff0e49af474c900a85466
sphere-2     separable  43846175c899a409a04919cf1f3d073f
sphere-2     mirrored   a43ed00bd333cff94fa02af6dd4cbf02
sphere-2     ipop       d6362a49e837075a51d81935719eb71f
sphere-2     bipop      5af27f3574f681592928c3d35d31649a
sphere-2     model      5b25a291f0e4cd97e356f62182d01c3d
sphere-2     usual      8338cd6ec511395c6622f9f74e6e8607
ellipsoid-5  full       583081678077a5fe1649cbd16be6a04f
ellipsoid-5  separable  5036b8946485b069fb4fb95bd7b40b0b
ellipsoid-5  mirrored   209a2ca1349916800e9b25b6cf21da32
ellipsoid-5  ipop       c3149d1358aaee3ff3d45605dfdcd2ea
ellipsoid-5  bipop      c3149d1358aaee3ff3d45605dfdcd2ea
ellipsoid-5  model      05ed29387260ef2651d4733d52bc32eb
ellipsoid-5  usual      b4fa61a97b5571a46576f4fc94a06b5b
ordered      full       214d96f4f218d459fa0dc643b96cd205
ordered      separable  08db2d27557d9eab82ba3172b690d451
ordered      mirrored   756d062df5ce76ca12a7d367553217c3
ordered      ipop       e7473c82dd74a6f265bf2a7f9f005f29
ordered      bipop      e7473c82dd74a6f265bf2a7f9f005f29
ordered      model      88ef935d95dd6851bd18c20bbaa7c9a8
ordered      usual      523591e9d5d3925b26ea4918cde551a4
constrained  full       d57f2c83780179782b313b3421a364ec
constrained  separable  b7605b88dd5840cd6159fbd463f30fcc
constrained  mirrored   23922dce1cca51b2e8203a66c9fbfd3c
constrained  ipop       6e99b671618bfe7eec7735a6c35bc5e6
constrained  bipop      6e99b671618bfe7eec7735a6c35bc5e6
constrained  model      9f79231ce3360301a33acc500c5edcce
constrained  usual      075b343c3fc1f2dedf3d1759b513d6cb
welded-beam  full       43d3e4b9bb2d4f160096fa8ed2279282
welded-beam  separable  a6b4b86f93af4bd4722b370b013e23cc
welded-beam  mirrored   b86b41155678d9d33b91dcc35ab457ae
welded-beam  ipop       6cfe0f769f272c2b4358dee0489a814a
welded-beam  bipop      6cfe0f769f272c2b4358dee0489a814a
welded-beam  model      7c7738467c4524a12ef00e20a31bb874
welded-beam  usual      9946f11998e6c6093ac5f81819f69c3b
";

#[test]
fn a_shifted_and_turned_ellipsoid_is_solved() {
    let problem = Ellipsoid::new(10);
    for (name, options) in variants() {
        if name != "separable" {
            println!("{name}");
            let options = CmaEsOptions { population: Some(10), ..options };
            with(&problem, options, 1, 7_000, |case| reaches(case, 1e-8));
        }
    }
    let sphere = Sphere::try_from(shifted(10)).unwrap();
    let separable = CmaEsOptions { covariance: Some(Covariance::Separable), ..CmaEsOptions::default() };
    with(&sphere, separable, 1, 3_000, |case| reaches(case, 1e-8));
}

#[test]
fn other_targets_are_reached() {
    with(&Ordered { constrained: false }, CmaEsOptions::default(), 1, 3_000, |case| reaches(case, 1e-6));
    // On the constraint, 0.2 from the unconstrained optimum in each of the first three: 3·0.04.
    with(&Ordered { constrained: true }, CmaEsOptions::default(), 1, 6_000, |case| reaches(case, 0.1201));
    // Best known 1.724852309 (see the problem).
    with(&WeldedBeam {}, CmaEsOptions::default(), 1, 20_000, |case| reaches(case, 1.7249));
    with(&Rastrigin::try_from(shifted(5)).unwrap(), CmaEsOptions::default(), 1, 40_000, |case| reaches(case, 1e-6));
}

/// A slope to one corner of the box, and a ball whose least point is beyond one of its walls.
struct Walled {
    slope: bool,
}

impl Problem for Walled {
    fn signature(&self) -> Signature {
        let space = Space::new(vec![Parameter::new("x", Domain::real(-5.0, 5.0)).len(6)]).unwrap();
        Signature { space, goals: minimize("value"), constraints: Vec::new(), measures: Vec::new() }
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let terms = genome.reals().iter().enumerate().map(|(k, x)| match (self.slope, k) {
            (true, _) => (5.0 - x) * maths::pow(10.0, k as f64 / 5.0),
            // Beyond the walls of three variables, near the wall inside for the others.
            (false, 0..3) => (x - 7.0) * (x - 7.0) - 4.0,
            (false, _) => (x + 4.99) * (x + 4.99),
        });
        outcome.objectives[0] = terms.sum();
        Ok(())
    }
}

#[test]
fn what_is_best_at_a_bound_is_found_there() {
    for slope in [true, false] {
        for (name, options) in variants() {
            println!("{slope} {name}");
            // A distribution that shrinks along some walls and not along others learns slowly without a model.
            let target = if slope || options.model != Some(false) { 1e-8 } else { 1e-2 };
            with(&Walled { slope }, options, 1, 4_000, |case| reaches(case, target));
        }
    }
}

/// As good everywhere: nothing is learned.
struct Flat;

impl Problem for Flat {
    fn signature(&self) -> Signature {
        Walled { slope: true }.signature()
    }

    fn evaluate(&self, _: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = 1.0;
        Ok(())
    }
}

#[test]
fn a_level_objective_is_survived() {
    for (_, options) in variants() {
        with(&Flat, options, 1, 3_000, |case| reaches(case, 1.0));
    }
}

#[test]
fn the_first_generation_begins_with_the_start_points_and_about_them() {
    let problem = Ellipsoid::new(4);
    let signature = Arc::new(problem.signature());
    let mut setup = Setup::new(signature.clone(), 5);
    setup.start = signature.space.genomes(3);
    setup.start.reals = [[1.0, 2.0, -3.0, 4.0], [1.1, 2.0, -3.1, 4.0], [1.0, 2.1, -3.0, 4.1]].concat();
    let mut algorithm = settings(&problem, CmaEsOptions::default()).begin(setup.clone()).unwrap();
    let mut batch = Batch::default();
    algorithm.ask(100, &mut batch);
    assert_eq!(batch.genomes.reals[..12], setup.start.reals);
    // A tenth of the usual step size, 0.2 of the range of 10, and nothing beyond five of those.
    for point in batch.genomes.reals[12..].chunks(4) {
        assert!(point.iter().zip([1.0, 2.0, -3.0, 4.0]).all(|(x, start)| (x - start).abs() < 1.2), "{point:?}");
    }
    setup.start = signature.space.genomes(9);
    let error = settings(&problem, CmaEsOptions::default()).check(&setup).unwrap_err();
    assert_eq!(error, ConfigError::StartPoints { points: 9, places: 8 });
}

#[test]
fn what_it_does_not_vary_is_refused() {
    let choose = |problem: &dyn Problem| {
        let settings = settings(problem, CmaEsOptions::default());
        settings.check(&Setup::new(Arc::new(problem.signature()), 1)).unwrap_err().to_string()
    };
    assert_eq!(choose(&Mixed {}), "the algorithm `cma-es` does not vary `order`, a permutation: use `genetic`");
    let sphere = Sphere::try_from(shifted(2)).unwrap();
    let small = settings(&sphere, CmaEsOptions { population: Some(3), ..CmaEsOptions::default() });
    let error = small.check(&Setup::new(Arc::new(sphere.signature()), 1)).unwrap_err();
    assert_eq!(error, ConfigError::Count { key: "population", allowed: "4 to 16777216", found: 3 });
}
