//! The points of a space as vectors of numbers.

use super::{Domain, Genomes, Scale, Space, snap, steps};
use crate::maths::{exp, ln};

/// A space without choices, permutations and conditions as a box of numbers, each axis of which is one wide.
///
/// - A real stands at its value over the width of its range; on a log scale at its logarithm over that of the range.
/// - Whole numbers, ordinals, bits and reals on a linear step stand in cells of equal size, one a value, from 0 to 1; on
///   a step and a log scale a real stands at its logarithm, and its value is the nearest on the step.
///
/// Genes that have one value only have no axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinates {
    axes: Vec<Axis>,
    /// The least coordinate on each axis.
    pub low: Vec<f64>,
    /// The greatest.
    pub high: Vec<f64>,
    /// Whole-number genes that have one value.
    constants: Vec<(usize, i64)>,
    /// Whether every gene is a real, linear and without a step, so that axis `k` is real `k`.
    plain: bool,
}

/// Where coordinates come from and what they mean.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Axis {
    gene: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Linear {
        low: f64,
        high: f64,
        width: f64,
    },
    Log {
        low: f64,
        high: f64,
        width: f64,
    },
    /// `low + k·step` for `k` up to `last`.
    Step {
        low: f64,
        high: f64,
        step: f64,
        last: f64,
    },
    LogStep {
        low: f64,
        high: f64,
        step: f64,
        width: f64,
    },
    /// `low + k` for `k` up to `last`.
    Whole {
        low: i64,
        last: f64,
    },
    Bit,
}

/// A parameter that has no coordinate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoCoordinate {
    /// Its name.
    pub parameter: String,
    /// What it is.
    pub kind: &'static str,
}

/// The values beside one: where the cell of a coordinate ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cell {
    /// The coordinate below which the next lower value stands, if there is one.
    pub below: Option<f64>,
    /// The coordinate above which the next greater value stands, if there is one.
    pub above: Option<f64>,
}

impl Coordinates {
    /// Those of `space`, or the first parameter that has none.
    pub fn of(space: &Space) -> Result<Coordinates, NoCoordinate> {
        let mut axes = Vec::new();
        let mut constants = Vec::new();
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            let kind = match &parameter.domain {
                _ if !parameter.when.is_empty() => Err("one that does not always count"),
                Domain::Choice { .. } => Err("a choice"),
                Domain::Permutation { .. } => Err("a permutation"),
                Domain::Sequence { .. } => Err("a sequence"),
                Domain::Real { low, high, scale, step } => Ok(real(*low, *high, *scale, *step)),
                Domain::Int { low, high } => Ok(Kind::Whole { low: *low, last: (high - low) as f64 }),
                Domain::Ordinal { levels } => Ok(Kind::Whole { low: 0, last: (levels.len() - 1) as f64 }),
                Domain::Bit => Ok(Kind::Bit),
            };
            let kind = kind.map_err(|kind| NoCoordinate { parameter: parameter.name.clone(), kind })?;
            let genes = segment.start..segment.start + segment.len;
            match kind {
                Kind::Whole { low, last: 0.0 } => constants.extend(genes.map(|gene| (gene, low))),
                _ => axes.extend(genes.map(|gene| Axis { gene, kind })),
            }
        }
        let (low, high) = axes.iter().map(|axis| axis.kind.bounds()).unzip();
        let plain = constants.is_empty() && axes.iter().all(|axis| matches!(axis.kind, Kind::Linear { .. }));
        Ok(Coordinates { axes, low, high, constants, plain })
    }

    /// How many axes there are.
    pub fn dimension(&self) -> usize {
        self.axes.len()
    }

    /// Whether axis `axis` has values with gaps between them.
    pub fn discrete(&self, axis: usize) -> bool {
        !matches!(self.axes[axis].kind, Kind::Linear { .. } | Kind::Log { .. })
    }

    /// Whether any axis has.
    pub fn any_discrete(&self) -> bool {
        (0..self.dimension()).any(|axis| self.discrete(axis))
    }

    /// Writes the point at `coordinates` to row `row` of `genomes`: beyond a bound, the value at the bound.
    pub fn decode(&self, coordinates: &[f64], genomes: &mut Genomes, row: usize) {
        let shape = genomes.shape;
        let reals = &mut genomes.reals[row * shape.reals..][..shape.reals];
        if self.plain {
            for ((real, axis), coordinate) in reals.iter_mut().zip(&self.axes).zip(coordinates) {
                if let Kind::Linear { low, high, width } = axis.kind {
                    *real = (coordinate * width).clamp(low, high);
                }
            }
            return;
        }
        let ints = &mut genomes.ints[row * shape.ints..][..shape.ints];
        let bits = &mut genomes.bits[row * shape.bit_words()..][..shape.bit_words()];
        for (gene, value) in &self.constants {
            ints[*gene] = *value;
        }
        for (Axis { gene, kind }, coordinate) in self.axes.iter().zip(coordinates) {
            match kind {
                Kind::Whole { low, last } => ints[*gene] = low + cell(*coordinate, *last) as i64,
                Kind::Bit => {
                    let bit = 1 << (gene % 64);
                    let word = &mut bits[gene / 64];
                    *word = if *coordinate >= 0.5 { *word | bit } else { *word & !bit };
                }
                _ => reals[*gene] = kind.real(*coordinate),
            }
        }
    }

    /// Writes where row `row` of `genomes` stands to `coordinates`: the middle of its cell where it has one.
    pub fn encode(&self, genomes: &Genomes, row: usize, coordinates: &mut [f64]) {
        let shape = genomes.shape;
        let reals = &genomes.reals[row * shape.reals..][..shape.reals];
        let ints = &genomes.ints[row * shape.ints..][..shape.ints];
        let bits = &genomes.bits[row * shape.bit_words()..][..shape.bit_words()];
        for (Axis { gene, kind }, coordinate) in self.axes.iter().zip(coordinates) {
            *coordinate = match *kind {
                Kind::Linear { width, .. } => reals[*gene] / width,
                Kind::Log { width, .. } | Kind::LogStep { width, .. } => ln(reals[*gene]) / width,
                Kind::Step { low, step, last, .. } => (((reals[*gene] - low) / step).round() + 0.5) / (last + 1.0),
                Kind::Whole { low, last } => ((ints[*gene] - low) as f64 + 0.5) / (last + 1.0),
                Kind::Bit => 0.25 + 0.5 * (bits[gene / 64] >> (gene % 64) & 1) as f64,
            };
        }
    }

    /// Where the value at `coordinate` on `axis`, which is discrete, ends.
    pub fn cell(&self, axis: usize, coordinate: f64) -> Cell {
        let (k, last) = match self.axes[axis].kind {
            Kind::Linear { .. } | Kind::Log { .. } => return Cell { below: None, above: None },
            Kind::LogStep { low, high, step, width } => {
                let value = self.axes[axis].kind.real(coordinate);
                let edge = |other: f64| (other != value).then(|| ln(0.5 * (value + other)) / width);
                let (below, above) = (snap(low, high, step, value - step), snap(low, high, step, value + step));
                return Cell { below: edge(below), above: edge(above) };
            }
            Kind::Step { last, .. } | Kind::Whole { last, .. } => (cell(coordinate, last), last),
            Kind::Bit => (cell(coordinate, 1.0), 1.0),
        };
        Cell { below: (k > 0.0).then_some(k / (last + 1.0)), above: (k < last).then_some((k + 1.0) / (last + 1.0)) }
    }
}

/// Which of `last + 1` cells of [0, 1] `coordinate` is in.
fn cell(coordinate: f64, last: f64) -> f64 {
    (coordinate * (last + 1.0)).floor().clamp(0.0, last)
}

fn real(low: f64, high: f64, scale: Scale, step: Option<f64>) -> Kind {
    match (scale, step) {
        (Scale::Linear, None) => Kind::Linear { low, high, width: high - low },
        (Scale::Linear, Some(step)) => Kind::Step { low, high, step, last: steps(low, high, step) },
        (Scale::Log, None) => Kind::Log { low, high, width: ln(high) - ln(low) },
        (Scale::Log, Some(step)) => Kind::LogStep { low, high, step, width: ln(high) - ln(low) },
    }
}

impl Kind {
    fn bounds(self) -> (f64, f64) {
        match self {
            Kind::Linear { low, high, width } => (low / width, high / width),
            Kind::Log { low, high, width } | Kind::LogStep { low, high, width, .. } => {
                (ln(low) / width, ln(high) / width)
            }
            Kind::Step { .. } | Kind::Whole { .. } | Kind::Bit => (0.0, 1.0),
        }
    }

    /// The real at `coordinate`; 0 for what is no real.
    fn real(self, coordinate: f64) -> f64 {
        match self {
            Kind::Linear { low, high, width } => (coordinate * width).clamp(low, high),
            Kind::Log { low, high, width } => exp(coordinate * width).clamp(low, high),
            Kind::Step { low, high, step, last } => (low + cell(coordinate, last) * step).clamp(low, high),
            Kind::LogStep { low, high, step, width } => snap(low, high, step, exp(coordinate * width).clamp(low, high)),
            Kind::Whole { .. } | Kind::Bit => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        operators::initialize::initialize,
        random::{Purpose, Stream},
        space::{Condition, Level, Parameter},
    };

    fn real(scale: Scale, low: f64, high: f64, step: Option<f64>) -> Domain {
        Domain::Real { low, high, scale, step }
    }

    fn levels(n: i64) -> Vec<Level> {
        (0..n).map(Level::Int).collect()
    }

    fn space() -> Space {
        Space::new(vec![
            Parameter::new("bits", Domain::Bit).len(70),
            Parameter::new("linear", real(Scale::Linear, -3.0, 7.0, None)).len(2),
            Parameter::new("log", real(Scale::Log, 1e-6, 1e3, None)),
            Parameter::new("step", real(Scale::Linear, -1.0, 1.0, Some(0.3))),
            Parameter::new("log step", real(Scale::Log, 1.0, 100.0, Some(7.0))),
            Parameter::new("int", Domain::Int { low: -4, high: 9 }),
            Parameter::new("one", Domain::Int { low: 5, high: 5 }),
            Parameter::new("ordinal", Domain::Ordinal { levels: levels(3) }),
            Parameter::new("wide", real(Scale::Linear, -8e307, 8e307, None)),
        ])
        .unwrap()
    }

    #[test]
    fn points_come_back_and_lie_in_the_box() {
        let space = space();
        let coordinates = Coordinates::of(&space).unwrap();
        assert_eq!(coordinates.dimension(), 70 + 2 + 1 + 1 + 1 + 1 + 1 + 1);
        let mut genomes = space.genomes(2);
        let mut at = vec![0.0; coordinates.dimension()];
        for index in 0..200 {
            initialize(&space, &mut genomes, 0, &mut Stream::new(1, 0, Purpose::Try, index));
            coordinates.encode(&genomes, 0, &mut at);
            for (axis, at) in at.iter().enumerate() {
                let slack = 1e-12;
                assert!((coordinates.low[axis] - slack..=coordinates.high[axis] + slack).contains(at), "{axis}: {at}");
            }
            coordinates.decode(&at, &mut genomes, 1);
            assert!(space.accepts(&genomes, 1));
            assert_eq!(genomes.bits[..2], genomes.bits[2..]);
            assert_eq!(genomes.ints[..3], genomes.ints[3..]);
            for (found, wanted) in genomes.reals[6..].iter().zip(&genomes.reals[..6]) {
                assert!((found - wanted).abs() <= 1e-14 * wanted.abs().max(1e-6), "{found} {wanted}");
            }
        }
    }

    #[test]
    fn every_coordinate_is_a_point() {
        let space = space();
        let coordinates = Coordinates::of(&space).unwrap();
        let mut genomes = space.genomes(1);
        let mut stream = Stream::new(1, 0, Purpose::Try, 1);
        for far in [0.1, 1.0, 10.0, 1e300] {
            for _ in 0..100 {
                let at: Vec<f64> = (0..coordinates.dimension()).map(|_| far * (stream.unit() - 0.5)).collect();
                coordinates.decode(&at, &mut genomes, 0);
                assert!(space.accepts(&genomes, 0), "{genomes:?}");
            }
        }
    }

    #[test]
    fn cells_end_where_values_change() {
        let space = space();
        let coordinates = Coordinates::of(&space).unwrap();
        let mut genomes = space.genomes(2);
        let mut stream = Stream::new(1, 0, Purpose::Try, 2);
        for _ in 0..500 {
            let at: Vec<f64> = (0..coordinates.dimension()).map(|_| stream.unit()).collect();
            coordinates.decode(&at, &mut genomes, 0);
            for axis in (0..coordinates.dimension()).filter(|axis| coordinates.discrete(*axis)) {
                let cell = coordinates.cell(axis, at[axis]);
                let mut moved = |to: f64| {
                    let mut other = at.clone();
                    other[axis] = to;
                    coordinates.decode(&other, &mut genomes, 1);
                    let n = genomes.shape;
                    genomes.reals[..n.reals] != genomes.reals[n.reals..]
                        || genomes.ints[..n.ints] != genomes.ints[n.ints..]
                        || genomes.bits[..2] != genomes.bits[2..]
                };
                let far = 1e-9;
                assert_eq!(moved(cell.below.map_or(-5.0, |edge| edge - far)), cell.below.is_some(), "{axis}");
                assert_eq!(moved(cell.above.map_or(5.0, |edge| edge + far)), cell.above.is_some(), "{axis}");
                assert!(!moved(cell.below.map_or(-5.0, |edge| edge + far)), "{axis}");
                assert!(!moved(cell.above.map_or(5.0, |edge| edge - far)), "{axis}");
            }
        }
    }

    #[test]
    fn what_has_no_coordinate_is_named() {
        let kind = |domain, when| {
            let parameter = Parameter { when, ..Parameter::new("x", domain) };
            let space = Space::new(vec![Parameter::new("b", Domain::Bit), parameter]).unwrap();
            let error = Coordinates::of(&space).unwrap_err();
            assert_eq!(error.parameter, "x");
            error.kind
        };
        assert_eq!(kind(Domain::Choice { levels: levels(2) }, Vec::new()), "a choice");
        assert_eq!(kind(Domain::Permutation { size: 3 }, Vec::new()), "a permutation");
        let when = Condition { parameter: "b".into(), is: vec![Level::Bool(true)] };
        assert_eq!(kind(Domain::Bit, vec![when]), "one that does not always count");
    }
}
