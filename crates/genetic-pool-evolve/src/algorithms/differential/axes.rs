//! Where the genes of a space stand as numbers whose differences mean something.

use crate::{
    algorithms::ConfigError,
    maths,
    random::Stream,
    space::{Domain, Genomes, Scale, Space, snap, steps},
};

/// The coordinates of a space of reals, whole numbers and ordinals: one axis a gene, reals first.
///
/// A real stands at its value, on a log scale at its natural logarithm. Values on a linear step, whole numbers and
/// ordinals stand at their numbers 0, 1, …, and own what is nearer to them than to others: half a number beyond the first
/// and the last too, so that all cells are of one size. Where a candidate stands is kept between generations, and rounded
/// only to be evaluated: J. Lampinen and I. Zelinka: Mixed integer-discrete-continuous optimization by differential
/// evolution. MENDEL 1999.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    each: Vec<Axis>,
    /// By axis: its least coordinate.
    pub(super) low: Vec<f64>,
    /// By axis: its greatest.
    pub(super) high: Vec<f64>,
    /// Whether every coordinate is the gene itself: reals on a linear scale without a step, and nothing else.
    pub(super) plain: bool,
}

#[derive(Clone, Copy, Debug)]
struct Axis {
    /// Among the reals or the whole numbers of a genome.
    gene: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Linear {
        low: f64,
        high: f64,
    },
    Log {
        low: f64,
        high: f64,
    },
    /// `low + k·step` for `k` up to `last`.
    Step {
        low: f64,
        high: f64,
        step: f64,
        last: f64,
    },
    /// On a log scale, or of more values than can be told apart by their numbers: the nearest on the step.
    Snapped {
        low: f64,
        high: f64,
        step: f64,
        log: bool,
    },
    /// `low + k` for `k` up to `last`.
    Whole {
        low: i64,
        last: f64,
    },
}

impl Axes {
    /// Those of `space`, which `algorithm` is to search.
    pub(super) fn of(space: &Space, algorithm: &'static str) -> Result<Axes, ConfigError> {
        let (mut reals, mut wholes) = (Vec::new(), Vec::new());
        for (parameter, segment) in space.parameters().iter().zip(&space.layout().segments) {
            let kind = match &parameter.domain {
                _ if !parameter.when.is_empty() => Err("one that does not always count"),
                Domain::Choice { .. } => Err("a choice"),
                Domain::Permutation { .. } => Err("a permutation"),
                Domain::Sequence { .. } => Err("a sequence"),
                Domain::Bit => Err("a bit"),
                Domain::Real { low, high, scale, step } => Ok(real(*low, *high, *scale, *step)),
                Domain::Int { low, high } => Ok(Kind::Whole { low: *low, last: (high - low) as f64 }),
                Domain::Ordinal { levels } => Ok(Kind::Whole { low: 0, last: (levels.len() - 1) as f64 }),
            };
            let kind = kind.map_err(|kind| ConfigError::Parameter {
                algorithm,
                parameter: parameter.name.clone(),
                kind,
                instead: "genetic",
            })?;
            let axes = if matches!(kind, Kind::Whole { .. }) { &mut wholes } else { &mut reals };
            axes.extend((segment.start..segment.start + segment.len).map(|gene| Axis { gene, kind }));
        }
        let plain = wholes.is_empty() && reals.iter().all(|axis| matches!(axis.kind, Kind::Linear { .. }));
        let axes = [reals, wholes].concat();
        if axes.iter().all(|axis| matches!(axis.kind, Kind::Whole { last: 0.0, .. })) {
            return Err(ConfigError::NothingToVary { algorithm });
        }
        let (low, high) = axes.iter().map(|axis| axis.kind.bounds()).unzip();
        Ok(Axes { each: axes, low, high, plain })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.each.len()
    }

    /// Writes the point at `position` to row `row` of `genomes`.
    pub(super) fn decode(&self, position: &[f64], genomes: &mut Genomes, row: usize) {
        let shape = genomes.shape;
        let reals = &mut genomes.reals[row * shape.reals..][..shape.reals];
        let ints = &mut genomes.ints[row * shape.ints..][..shape.ints];
        for (Axis { gene, kind }, coordinate) in self.each.iter().zip(position) {
            match kind {
                Kind::Whole { low, last } => ints[*gene] = low + number(*coordinate, *last) as i64,
                Kind::Linear { .. } => reals[*gene] = *coordinate,
                Kind::Log { low, high } => reals[*gene] = maths::exp(*coordinate).clamp(*low, *high),
                Kind::Step { low, high, step, last } => {
                    reals[*gene] = (low + number(*coordinate, *last) * step).clamp(*low, *high);
                }
                Kind::Snapped { low, high, step, log } => {
                    let value = if *log { maths::exp(*coordinate) } else { *coordinate };
                    reals[*gene] = snap(*low, *high, *step, value);
                }
            }
        }
    }

    /// Writes where row `row` of `genomes` stands to `position`.
    pub(super) fn encode(&self, genomes: &Genomes, row: usize, position: &mut [f64]) {
        let shape = genomes.shape;
        let reals = &genomes.reals[row * shape.reals..][..shape.reals];
        let ints = &genomes.ints[row * shape.ints..][..shape.ints];
        for (k, Axis { gene, kind }) in self.each.iter().enumerate() {
            let coordinate = match kind {
                Kind::Whole { low, .. } => (ints[*gene] - low) as f64,
                Kind::Linear { .. } | Kind::Snapped { log: false, .. } => reals[*gene],
                Kind::Log { .. } | Kind::Snapped { log: true, .. } => maths::ln(reals[*gene]),
                Kind::Step { low, step, .. } => (reals[*gene] - low) / step,
            };
            position[k] = coordinate.clamp(self.low[k], self.high[k]);
        }
    }

    /// Draws a position evenly from all there are: a word an axis.
    pub(super) fn draw(&self, position: &mut [f64], stream: &mut Stream) {
        for ((coordinate, low), high) in position.iter_mut().zip(&self.low).zip(&self.high) {
            *coordinate = (low + (high - low) * stream.unit()).clamp(*low, *high);
        }
    }

    /// Whether every coordinate of `positions`, row by row, is one of its axis.
    pub(super) fn hold(&self, positions: &[f64]) -> bool {
        positions.chunks(self.len()).all(|position| {
            let mut bounds = position.iter().zip(self.low.iter().zip(&self.high));
            bounds.all(|(coordinate, (low, high))| (low..=high).contains(&coordinate))
        })
    }

    /// Moves `position` to the next value up or down on `axis`, the other way where there is none that way; stays where
    /// the axis has no steps.
    pub(super) fn step(&self, axis: usize, position: &mut [f64], up: bool) {
        if let Kind::Step { last, .. } | Kind::Whole { last, .. } = self.each[axis].kind
            && last > 0.0
        {
            let now = number(position[axis], last);
            let up = if up { now < last } else { now == 0.0 };
            position[axis] = if up { now + 1.0 } else { now - 1.0 };
        }
    }
}

/// Which of the numbers 0 to `last` is nearest.
fn number(coordinate: f64, last: f64) -> f64 {
    coordinate.round().clamp(0.0, last)
}

fn real(low: f64, high: f64, scale: Scale, step: Option<f64>) -> Kind {
    // Beyond this many, a number and a half is no float.
    const COUNTABLE: f64 = (1_u64 << 51) as f64;
    match (scale, step) {
        (Scale::Linear, None) => Kind::Linear { low, high },
        (Scale::Log, None) => Kind::Log { low, high },
        (Scale::Linear, Some(step)) if steps(low, high, step) < COUNTABLE => {
            Kind::Step { low, high, step, last: steps(low, high, step) }
        }
        (scale, Some(step)) => Kind::Snapped { low, high, step, log: scale == Scale::Log },
    }
}

impl Kind {
    /// The least and the greatest coordinate.
    fn bounds(self) -> (f64, f64) {
        match self {
            Kind::Linear { low, high } | Kind::Snapped { low, high, log: false, .. } => (low, high),
            Kind::Log { low, high } | Kind::Snapped { low, high, log: true, .. } => (maths::ln(low), maths::ln(high)),
            Kind::Step { last, .. } | Kind::Whole { last, .. } => (-0.5, last + 0.5),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        operators::{chi_square, initialize::initialize},
        random::Purpose,
        space::{Condition, Level, Parameter},
    };

    fn space() -> Space {
        let real = |low, high, scale, step| Domain::Real { low, high, scale, step };
        Space::new(vec![
            Parameter::new("int", Domain::Int { low: -4, high: 9 }),
            Parameter::new("plain", real(-3.0, 7.0, Scale::Linear, None)).len(2),
            Parameter::new("log", real(1e-6, 1e3, Scale::Log, None)),
            Parameter::new("step", real(-1.0, 1.0, Scale::Linear, Some(0.3))),
            Parameter::new("log step", real(1.0, 100.0, Scale::Log, Some(7.0))),
            Parameter::new("fine", real(0.0, 1.0, Scale::Linear, Some(1e-300))),
            Parameter::new("one", Domain::Int { low: 5, high: 5 }),
            Parameter::new("wide", Domain::Int { low: -(1 << 52), high: 1 << 52 }),
            Parameter::new("ordinal", Domain::Ordinal { levels: (0..3).map(Level::Int).collect() }),
        ])
        .unwrap()
    }

    #[test]
    fn points_come_back() {
        let space = space();
        let axes = Axes::of(&space, "test").unwrap();
        assert_eq!((axes.len(), axes.plain), (10, false));
        let mut genomes = space.genomes(2);
        let mut position = vec![0.0; 10];
        for index in 0..500 {
            initialize(&space, &mut genomes, 0, &mut Stream::new(1, 0, Purpose::Try, index));
            axes.encode(&genomes, 0, &mut position);
            assert!(axes.hold(&position));
            axes.decode(&position, &mut genomes, 1);
            assert!(space.accepts(&genomes, 1));
            assert_eq!(genomes.ints[..4], genomes.ints[4..]);
            for (found, wanted) in genomes.reals[6..].iter().zip(&genomes.reals[..6]) {
                assert!((found - wanted).abs() <= 1e-14 * wanted.abs().max(1e-6), "{found} {wanted}");
            }
        }
    }

    #[test]
    fn drawn_positions_are_points_and_every_value_has_a_cell_of_one_size() {
        let space = space();
        let axes = Axes::of(&space, "test").unwrap();
        let mut genomes = space.genomes(1);
        let mut position = vec![0.0; 10];
        let (mut ints, mut steps, mut levels) = (vec![0; 14], vec![0; 7], vec![0; 3]);
        for index in 0..14_000 {
            axes.draw(&mut position, &mut Stream::new(1, 0, Purpose::Try, index));
            axes.decode(&position, &mut genomes, 0);
            assert!(axes.hold(&position) && space.accepts(&genomes, 0));
            ints[(genomes.ints[0] + 4) as usize] += 1;
            steps[((genomes.reals[3] + 1.0) / 0.3).round() as usize] += 1;
            levels[genomes.ints[3] as usize] += 1;
        }
        for counts in [ints, steps, levels] {
            let each = 14_000.0 / counts.len() as f64;
            chi_square(&counts, &vec![each; counts.len()]);
        }
    }

    #[test]
    fn a_step_leads_to_the_next_value() {
        let axes = Axes::of(&space(), "test").unwrap();
        // Axes are the reals, then the whole numbers; the step is axis 3, the first int axis 6.
        let stepped = |axis: usize, from: f64, up: bool| {
            let mut position = vec![1.0; 10];
            position[axis] = from;
            axes.step(axis, &mut position, up);
            position[axis]
        };
        assert_eq!([stepped(6, 3.2, true), stepped(6, 3.2, false), stepped(6, 13.5, true)], [4.0, 2.0, 12.0]);
        assert_eq!([stepped(3, -0.5, false), stepped(3, 5.9, true)], [1.0, 5.0]);
        assert_eq!([stepped(0, 0.5, true), stepped(7, 0.0, true)], [0.5, 0.0]);
    }

    #[test]
    fn what_has_no_axis_is_refused_with_what_to_use() {
        let refused = |domain, when| {
            let parameter = Parameter { when, ..Parameter::new("x", domain) };
            let space = Space::new(vec![Parameter::new("b", Domain::Int { low: 0, high: 1 }), parameter]).unwrap();
            Axes::of(&space, "jde").unwrap_err().to_string()
        };
        let message = |kind| format!("the algorithm `jde` does not vary `x`, {kind}: use `genetic`");
        assert_eq!(refused(Domain::Bit, Vec::new()), message("a bit"));
        assert_eq!(refused(Domain::Permutation { size: 3 }, Vec::new()), message("a permutation"));
        assert_eq!(refused(Domain::Choice { levels: vec![Level::Int(1)] }, Vec::new()), message("a choice"));
        let when = vec![Condition { parameter: "b".into(), is: vec![Level::Int(1)] }];
        assert_eq!(refused(Domain::real(0.0, 1.0), when), message("one that does not always count"));
        let one = Space::new(vec![Parameter::new("x", Domain::Int { low: 2, high: 2 })]).unwrap();
        for space in [one, Space::new(Vec::new()).unwrap()] {
            assert_eq!(Axes::of(&space, "jde").unwrap_err(), ConfigError::NothingToVary { algorithm: "jde" });
        }
    }
}
