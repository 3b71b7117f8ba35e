//! The test problems of Zitzler, Deb and Thiele: two goals, and fronts that are known.

use serde::Deserialize;

use super::function::{Dimension, minimized};
use crate::{
    maths,
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Space},
};

/// One of five problems of two goals with known fronts.
///
/// Goals `f1` and `f2` = g·h, minimised; n variables, of which the first decides the place along the front, where all
/// others are 0:
///
/// | | variables | f1 | g | h |
/// |---|---|---|---|---|
/// | 1 | 30 in \[0, 1\] | x₁ | 1 + 9 Σ xᵢ / (n - 1) | 1 - √(f1 / g) |
/// | 2 | 30 in \[0, 1\] | x₁ | as 1 | 1 - (f1 / g)² |
/// | 3 | 30 in \[0, 1\] | x₁ | as 1 | 1 - √(f1 / g) - f1 / g · sin 10πf1 |
/// | 4 | 10, x₁ in \[0, 1\], others in \[-5, 5\] | x₁ | 1 + 10 (n - 1) + Σ (xᵢ² - 10 cos 4πxᵢ) | as 1 |
/// | 6 | 10 in \[0, 1\] | 1 - exp(-4x₁) sin⁶ 6πx₁ | 1 + 9 (Σ xᵢ / (n - 1))^¼ | as 2 |
///
/// The fronts of 1 and 4 are f2 = 1 - √f1, convex; that of 2 is 1 - f1², concave; that of 3 has five pieces; that of 6
/// is 1 - f1² from f1 = 0.2807753188 on, and its points are unevenly found. (5 is a problem of bits.) E. Zitzler, K. Deb
/// and L. Thiele: Comparison of multiobjective evolutionary algorithms: empirical results. Evolutionary Computation 8(2),
/// 2000, [doi:10.1162/106365600568202](https://doi.org/10.1162/106365600568202).
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "ZdtOptions")]
pub struct Zdt {
    signature: Signature,
    kind: Kind,
}

/// The options of [`Zdt`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ZdtOptions {
    /// The number of the problem: 1, 2, 3, 4 or 6.
    pub function: u64,
    /// How many variables, at least 2; 30 unless given, 10 for problems 4 and 6.
    #[serde(default)]
    pub dimension: Option<Dimension>,
}

/// Options that name no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum ZdtError {
    #[error("option `function` must be 1, 2, 3, 4 or 6, found {found}")]
    Function { found: u64 },
    #[error("option `dimension` must be at least 2, found {found}")]
    TooFewVariables { found: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Convex,
    Concave,
    Pieces,
    Multimodal,
    Uneven,
}

/// Where the front of problem 3 begins and ends, piece by piece: f2 is least at each end, and begins again where it has
/// come down as far. Computed with 30 digits.
const PIECES: [[f64; 2]; 5] = [
    [0.0, 0.083_001_534_926_911_63],
    [0.182_228_728_029_399_77, 0.257_762_363_387_830_2],
    [0.409_313_674_808_656_8, 0.453_882_104_088_830_2],
    [0.618_396_794_439_265_8, 0.652_511_703_804_662_5],
    [0.823_331_798_326_632_7, 0.851_832_865_436_413_9],
];

/// The least f1 of problem 6, where tan 6πx₁ = 9π.
const LEAST: f64 = 0.280_775_318_815_369_7;

impl Zdt {
    /// The problem that `options` name.
    pub fn new(options: ZdtOptions) -> Result<Zdt, ZdtError> {
        let (kind, usual) = match options.function {
            1 => (Kind::Convex, 30),
            2 => (Kind::Concave, 30),
            3 => (Kind::Pieces, 30),
            4 => (Kind::Multimodal, 10),
            6 => (Kind::Uneven, 10),
            found => return Err(ZdtError::Function { found }),
        };
        let dimension = options.dimension.map_or(usual, Dimension::get);
        if dimension < 2 {
            return Err(ZdtError::TooFewVariables { found: dimension });
        }
        let unit = Domain::real(0.0, 1.0);
        let parameters = match kind {
            Kind::Multimodal => {
                vec![Parameter::new("first", unit), Parameter::new("x", Domain::real(-5.0, 5.0)).len(dimension - 1)]
            }
            Kind::Convex | Kind::Concave | Kind::Pieces | Kind::Uneven => {
                vec![Parameter::new("x", unit).len(dimension)]
            }
        };
        Ok(Zdt { signature: minimized(Space::new(parameters), 2), kind })
    }

    /// `points` points of the front, by ascending `f1` and evenly spaced in it: `f1`, `f2` of each, one after the other.
    pub fn front(&self, points: usize) -> Vec<f64> {
        let pieces = self.pieces();
        let length: f64 = pieces.iter().map(|[from, to]| to - from).sum();
        let step = length / points.saturating_sub(1).max(1) as f64;
        let at = |point: usize| {
            let mut along = step * point as f64;
            for [from, to] in pieces {
                if along <= to - from {
                    return from + along;
                }
                along -= to - from;
            }
            // By rounding, just past the end.
            pieces[pieces.len() - 1][1]
        };
        (0..points).map(at).flat_map(|f1| [f1, self.height(f1)]).collect()
    }

    /// The area that the whole front dominates up to `reference`, which is at least (1, 1).
    pub fn hypervolume(&self, reference: [f64; 2]) -> f64 {
        let [right, top] = reference;
        let pieces = self.pieces();
        let ends = pieces.iter().skip(1).map(|[from, _]| *from).chain([right]);
        // Below each piece what its points dominate, and beside it what its last point does.
        let areas = pieces.iter().zip(ends).map(|([from, to], next)| {
            top * (to - from) - (self.area(*to) - self.area(*from)) + (next - to) * (top - self.height(*to))
        });
        areas.sum()
    }

    /// Where `f1` lies on the front.
    fn pieces(&self) -> &'static [[f64; 2]] {
        match self.kind {
            Kind::Convex | Kind::Concave | Kind::Multimodal => &[[0.0, 1.0]],
            Kind::Pieces => &PIECES,
            Kind::Uneven => &[[LEAST, 1.0]],
        }
    }

    /// The front's f2 at `f1`.
    fn height(&self, f1: f64) -> f64 {
        shape(self.kind, f1, f1)
    }

    /// The integral of [`height`](Zdt::height) up to `f1`.
    fn area(&self, f1: f64) -> f64 {
        let convex = f1 - 2.0 / 3.0 * f1 * f1.sqrt();
        match self.kind {
            Kind::Convex | Kind::Multimodal => convex,
            Kind::Concave | Kind::Uneven => f1 - f1 * f1 * f1 / 3.0,
            Kind::Pieces => {
                let rate = 10.0 * std::f64::consts::PI;
                let (sine, cosine) = (maths::sin_pi(10.0 * f1), maths::cos_pi(10.0 * f1));
                convex - (sine / (rate * rate) - f1 * cosine / rate)
            }
        }
    }
}

/// h, `ratio` being f1 / g.
fn shape(kind: Kind, f1: f64, ratio: f64) -> f64 {
    match kind {
        Kind::Convex | Kind::Multimodal => 1.0 - ratio.sqrt(),
        Kind::Concave | Kind::Uneven => 1.0 - ratio * ratio,
        Kind::Pieces => 1.0 - ratio.sqrt() - ratio * maths::sin_pi(10.0 * f1),
    }
}

impl TryFrom<ZdtOptions> for Zdt {
    type Error = ZdtError;

    fn try_from(options: ZdtOptions) -> Result<Zdt, ZdtError> {
        Zdt::new(options)
    }
}

impl Problem for Zdt {
    fn signature(&self) -> Signature {
        self.signature.clone()
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let [first, others @ ..] = genome.reals() else {
            return Err(Failure::exception("expected at least one real"));
        };
        let count = others.len() as f64;
        let sum = |term: fn(f64) -> f64| others.iter().fold(0.0, |sum, x| sum + term(*x));
        let f1 = match self.kind {
            Kind::Convex | Kind::Concave | Kind::Pieces | Kind::Multimodal => *first,
            Kind::Uneven => {
                let sine = maths::sinpi2(6.0 * first);
                1.0 - maths::exp(-4.0 * first) * (sine * sine * sine)
            }
        };
        let g = match self.kind {
            Kind::Convex | Kind::Concave | Kind::Pieces => 1.0 + 9.0 * sum(|x| x) / count,
            // 10 - 10 cos 4πx is 20 sin² 2πx, exact near 0.
            Kind::Multimodal => 1.0 + sum(|x| x * x + 20.0 * maths::sinpi2(2.0 * x)),
            Kind::Uneven => 1.0 + 9.0 * (sum(|x| x) / count).sqrt().sqrt(),
        };
        outcome.objectives.copy_from_slice(&[f1, g * shape(self.kind, f1, f1 / g)]);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zdt(function: u64) -> Zdt {
        Zdt::new(ZdtOptions { function, dimension: None }).unwrap()
    }

    /// The area that `points` dominate up to `reference`, step by step.
    fn staircase(points: &[f64], [right, top]: [f64; 2]) -> f64 {
        let (mut area, mut height) = (0.0, top);
        for point in points.chunks(2) {
            if point[1] < height {
                area += (right - point[0]) * (height - point[1]);
                height = point[1];
            }
        }
        area
    }

    #[test]
    fn fronts_are_reached_by_genomes_and_dominate_what_they_are_said_to() {
        for function in [1, 2, 3, 4, 6] {
            let problem = zdt(function);
            let front = problem.front(20_001);
            assert_eq!(front.len(), 2 * 20_001);
            for pair in front.chunks(2).zip(front[2..].chunks(2)) {
                assert!(pair.0[0] < pair.1[0] && pair.0[1] > pair.1[1], "{function}: {pair:?} are of one front");
            }
            for reference in [[1.0, 1.0], [1.1, 1.3], [11.0, 11.0]] {
                let (found, area) = (staircase(&front, reference), problem.hypervolume(reference));
                // A staircase of many steps lies a little below the curve.
                let below = (area - found) / area;
                assert!((0.0..1e-3).contains(&below), "{function} {reference:?}: {found}, not {area}");
            }
            let space = problem.signature().space;
            let mut genomes = space.genomes(1);
            let mut outcome = [0.0; 2];
            for first in [0.0, 0.05, 0.081_457_796_799_983_56, 0.2, 0.8] {
                genomes.reals[0] = first;
                let trial = Trial::new(1, crate::problem::CandidateId(0));
                let mut place = Outcome { objectives: &mut outcome, constraints: &mut [], measures: &mut [] };
                problem.evaluate(Genome::new(&space, &genomes, 0), &trial, &mut place).unwrap();
                assert!((outcome[1] - problem.height(outcome[0])).abs() < 1e-15, "{function} {first}");
                assert!(outcome[0] >= problem.front(1)[0] - 1e-15, "{function} {first}: {outcome:?}");
            }
        }
    }

    #[test]
    fn areas_are_those_of_other_computations() {
        for (function, area) in [(1, 2.0 / 3.0), (2, 1.0 / 3.0), (3, 1.044_426_007_424_356), (4, 2.0 / 3.0)] {
            let found = zdt(function).hypervolume([1.0, 1.0]);
            assert!((found - area).abs() < 1e-14, "{function}: {found}");
        }
        assert!((zdt(1).hypervolume([11.0, 11.0]) - (121.0 - 1.0 / 3.0)).abs() < 1e-12);
    }

    #[test]
    fn what_names_no_problem_is_refused() {
        let message = |function, dimension| {
            Zdt::new(ZdtOptions { function, dimension: Dimension::new(dimension) }).unwrap_err().to_string()
        };
        assert_eq!(message(5, 30), "option `function` must be 1, 2, 3, 4 or 6, found 5");
        assert_eq!(message(1, 1), "option `dimension` must be at least 2, found 1");
    }

    #[test]
    fn an_empty_front_and_one_of_a_point() {
        assert_eq!(zdt(1).front(0), []);
        assert_eq!(zdt(1).front(1), [0.0, 1.0]);
    }
}
