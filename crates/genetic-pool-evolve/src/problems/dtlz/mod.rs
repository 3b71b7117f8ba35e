//! The scalable test problems of Deb, Thiele, Laumanns and Zitzler: any number of goals.

mod front;

use serde::Deserialize;

use super::function::{Dimension, minimized};
use crate::{
    maths,
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Space},
};

/// One of seven problems with any number of goals.
///
/// Goals `f1` … `fM`, minimised; n = M - 1 + k variables in \[0, 1\]: the first M - 1 decide the place on the front, the
/// last k how far from it (by g, 0 on the front). g is
/// - G = 100 (k + Σ ((xᵢ - ½)² - cos 20π(xᵢ - ½))) with very many local fronts for 1 and 3,
/// - Σ (xᵢ - ½)² for 2, 4 and 5, Σ xᵢ^0.1 for 6, and 1 + 9 Σ xᵢ / k for 7.
///
/// | | k | front |
/// |---|---|---|
/// | 1 | 5 | the plane Σ f = ½ |
/// | 2 | 10 | the sphere Σ f² = 1 |
/// | 3 | 10 | as 2 |
/// | 4 | 10 | as 2, with x¹⁰⁰ for x: most places lie at its edge |
/// | 5, 6 | 10 | a curve on the sphere, for up to 3 goals |
/// | 7 | 20 | 2^(M-1) pieces |
///
/// K. Deb, L. Thiele, M. Laumanns and E. Zitzler: Scalable test problems for evolutionary multiobjective optimization.
/// In: Evolutionary multiobjective optimization, Springer 2005,
/// [doi:10.1007/1-84628-137-7_6](https://doi.org/10.1007/1-84628-137-7_6).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "DtlzOptions")]
pub struct Dtlz {
    signature: Signature,
    kind: Kind,
    goals: usize,
}

/// The options of [`Dtlz`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DtlzOptions {
    /// The number of the problem, 1 to 7.
    pub function: u64,
    /// How many goals, 2 to [`Dtlz::MAX_GOALS`]; 3 unless given.
    #[serde(default = "three")]
    pub objectives: usize,
    /// How many variables, at least as many as goals; unless given one less than goals, and k.
    #[serde(default)]
    pub dimension: Option<Dimension>,
}

fn three() -> usize {
    3
}

/// Options that name no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum DtlzError {
    #[error("option `function` must be a whole number from 1 to 7, found {found}")]
    Function { found: u64 },
    #[error("option `objectives` must be a whole number from 2 to {}, found {found}", Dtlz::MAX_GOALS)]
    Goals { found: usize },
    #[error("option `dimension` must be at least {least}, the number of goals, found {found}")]
    TooFewVariables { least: usize, found: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Plane,
    Sphere,
    MultimodalSphere,
    BiasedSphere,
    Curve,
    BiasedCurve,
    Pieces,
}

impl Dtlz {
    /// The most goals.
    pub const MAX_GOALS: usize = 32;

    /// The problem that `options` name.
    pub fn new(options: DtlzOptions) -> Result<Dtlz, DtlzError> {
        let DtlzOptions { function, objectives: goals, dimension } = options;
        let (kind, distance) = match function {
            1 => (Kind::Plane, 5),
            2 => (Kind::Sphere, 10),
            3 => (Kind::MultimodalSphere, 10),
            4 => (Kind::BiasedSphere, 10),
            5 => (Kind::Curve, 10),
            6 => (Kind::BiasedCurve, 10),
            7 => (Kind::Pieces, 20),
            found => return Err(DtlzError::Function { found }),
        };
        if !(2..=Dtlz::MAX_GOALS).contains(&goals) {
            return Err(DtlzError::Goals { found: goals });
        }
        let dimension = dimension.map_or(goals - 1 + distance, Dimension::get);
        if dimension < goals {
            return Err(DtlzError::TooFewVariables { least: goals, found: dimension });
        }
        let parameter = Parameter::new("x", Domain::real(0.0, 1.0)).len(dimension);
        Ok(Dtlz { signature: minimized(Space::new(vec![parameter]), goals), kind, goals })
    }
}

impl TryFrom<DtlzOptions> for Dtlz {
    type Error = DtlzError;

    fn try_from(options: DtlzOptions) -> Result<Dtlz, DtlzError> {
        Dtlz::new(options)
    }
}

impl Problem for Dtlz {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let Some((place, distance)) = genome.reals().split_at_checked(self.goals - 1) else {
            return Err(Failure::exception("expected at least as many reals as goals"));
        };
        let sum = |term: fn(f64) -> f64| distance.iter().fold(0.0, |sum, x| sum + term(*x));
        let bowl = || sum(|x| (x - 0.5) * (x - 0.5));
        // 1 - cos 2πt is 2 sin² πt, exact where it is 0.
        let ripples = || 100.0 * sum(|x| (x - 0.5) * (x - 0.5) + 2.0 * maths::sinpi2(10.0 * (x - 0.5)));
        let f = &mut *outcome.objectives;
        match self.kind {
            Kind::Plane => products(f, 0.5 * (1.0 + ripples()), place, |x| [x, 1.0 - x]),
            Kind::Sphere => products(f, 1.0 + bowl(), place, quarter_turn),
            Kind::MultimodalSphere => products(f, 1.0 + ripples(), place, quarter_turn),
            Kind::BiasedSphere => products(f, 1.0 + bowl(), place, |x| quarter_turn(hundredth_power(x))),
            Kind::Curve => curve(f, bowl(), place),
            Kind::BiasedCurve => curve(f, sum(|x| maths::pow(x, 0.1)), place),
            Kind::Pieces => {
                let g = 1.0 + 9.0 * sum(|x| x) / distance.len() as f64;
                f[..place.len()].copy_from_slice(place);
                f[place.len()] = last_of_pieces(place, g);
            }
        }
        Ok(())
    }
}

/// f1 = `scale`·Π c(xⱼ); each next goal has one factor fewer, and s of the variable it leaves out: `factors` is \[c, s\].
fn products(f: &mut [f64], scale: f64, place: &[f64], factors: impl Fn(f64) -> [f64; 2]) {
    let last = f.len() - 1;
    let mut product = scale;
    for (j, x) in place.iter().enumerate() {
        let [cosine, sine] = factors(*x);
        f[last - j] = product * sine;
        product *= cosine;
    }
    f[0] = product;
}

/// cos and sin of πx / 2.
fn quarter_turn(x: f64) -> [f64; 2] {
    [maths::cos_pi(0.5 * x), maths::sin_pi(0.5 * x)]
}

fn hundredth_power(x: f64) -> f64 {
    let fourth = (x * x) * (x * x);
    let eighth = fourth * fourth;
    let thirty_second = (eighth * eighth) * (eighth * eighth);
    // 100 = 3·32 + 4
    thirty_second * thirty_second * thirty_second * fourth
}

/// The first variable as it is, the others drawn to ½ as `g` falls to 0.
fn curve(f: &mut [f64], g: f64, place: &[f64]) {
    let last = f.len() - 1;
    let mut product = 1.0 + g;
    for (j, x) in place.iter().enumerate() {
        let drawn = if j == 0 { *x } else { (1.0 + 2.0 * g * x) / (2.0 * (1.0 + g)) };
        let [cosine, sine] = quarter_turn(drawn);
        f[last - j] = product * sine;
        product *= cosine;
    }
    f[0] = product;
}

/// The last goal of problem 7: (1 + g)·(M - Σ f / (1 + g)·(1 + sin 3πf)).
fn last_of_pieces(others: &[f64], g: f64) -> f64 {
    let goals = others.len() as f64 + 1.0;
    let waves = others.iter().fold(0.0, |sum, f| sum + f / (1.0 + g) * (1.0 + maths::sin_pi(3.0 * f)));
    (1.0 + g) * (goals - waves)
}
