//! The CMA evolution strategy.

use std::sync::Arc;

use genetic_pool_evolve::{
    algorithms::{CmaEsOptions, ConfigError, Covariance, Options, Restarts, Settings, Setup},
    maths::{linear::dot, symmetric::Eigen},
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
                1e6_f64.powf(k as f64 / (n - 1) as f64) * along * along
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
        let constraints = match self.constrained {
            true => vec![Constraint { name: "sum".into(), bound: Bound::Min(0.5) }],
            false => Vec::new(),
        };
        Signature { space, goals: minimize("value"), constraints, measures: Vec::new() }
    }

    fn evaluate(&self, genome: Genome<'_>, _: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let (x, ints) = (genome.reals(), genome.ints());
        assert_eq!(ints[2], 3);
        let bits = genome.bits()[0] ^ 0b0101;
        let square = |value: f64| value * value;
        outcome.objectives[0] = square(x[0] - 0.3) + square(x[1] + 0.4) + square(x[2])
            + square((x[3].ln() - 0.01_f64.ln()) / 5.0)
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

const GOLDEN: &str = "";

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
