//! What the functions of a vector of reals share: their options, their signature, and evaluation a block at a time.

#![expect(clippy::inline_always, reason = "bodies take the instructions of the function that calls them")]

use serde::{Deserialize, Deserializer, de};

use crate::{
    outcomes::Outcomes,
    problem::{BatchView, Direction, Goal, Outcome, Signature},
    random::{Purpose, Stream},
    space::{Domain, Genome, Parameter, Space, SpaceErrors},
};

/// The options of a function of a vector of reals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FunctionOptions {
    /// How many variables; 30 unless given.
    pub dimension: Dimension,
    /// Where the optimum is.
    pub shift: Shift,
    /// The seed of a random shift, 0 unless given; only for [`Shift::Random`].
    pub seed: Option<u64>,
}

/// How many variables: 1 to [`Dimension::MAX`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimension(usize);

/// Where the optimum is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shift {
    /// Where the function's definition has it.
    #[default]
    None,
    /// Moved, in each variable by a uniform share of up to 80 % of the way to the nearer bound: away from the
    /// centre, and from the axes of search operators that favour it.
    Random,
}

/// Options that are fine one by one and not together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum OptionsError {
    #[error("option `seed` needs `shift = \"random\"`")]
    SeedWithoutShift,
    #[error("option `dimension` must be at least {least}, found {found}")]
    TooFewVariables { least: usize, found: usize },
}

/// A function of reals, all within the same bounds, with its optimum where the options want it.
#[derive(Clone, Debug)]
pub(super) struct Function {
    signature: Signature,
    dimension: usize,
    /// How far the optimum is moved in each variable, again and again for as many whole rows as fit [`BLOCK`],
    /// at least one; filled up with zeros to a multiple of [`LANES`].
    shift: Vec<f64>,
}

/// The values a block buffer holds.
const BLOCK: usize = 512;
/// The values taken at once.
const LANES: usize = 8;

impl Function {
    /// Minimises `value` over `options.dimension` reals within `[low, high]`; unmoved, the optimum is at `optimum` in
    /// each of them.
    pub(super) fn new(
        options: FunctionOptions,
        least: usize,
        [low, high]: [f64; 2],
        optimum: f64,
    ) -> Result<Function, OptionsError> {
        let dimension = options.dimension.get();
        if dimension < least {
            return Err(OptionsError::TooFewVariables { least, found: dimension });
        }
        let offsets = match (options.shift, options.seed) {
            (Shift::None, Some(_)) => return Err(OptionsError::SeedWithoutShift),
            (Shift::None, None) => vec![0.0; dimension],
            (Shift::Random, seed) => {
                let mut stream = Stream::new(seed.unwrap_or(0), 0, Purpose::Instance, 0);
                let room = if optimum - low < high - optimum { optimum - low } else { high - optimum };
                (0..dimension).map(|_| 0.8 * room * (2.0 * stream.unit() - 1.0)).collect()
            }
        };
        let rows = (BLOCK / dimension).max(1);
        let mut shift = offsets.repeat(rows);
        shift.resize(shift.len().next_multiple_of(LANES), 0.0);
        let parameter = Parameter::new("x", Domain::real(low, high)).len(dimension);
        Ok(Function {
            signature: one_goal(Space::new(vec![parameter]), "value", Direction::Minimize),
            dimension,
            shift,
        })
    }

    pub(super) fn signature(&self) -> Signature {
        self.signature.clone()
    }

    /// How far the optimum is moved, once for each variable.
    pub(super) fn offsets(&self) -> &[f64] {
        &self.shift[..self.dimension]
    }

    /// One row through the same code as a block.
    pub(super) fn evaluate(&self, genome: Genome<'_>, outcome: &mut Outcome<'_>, rows: impl Fn(Rows<'_>, &mut [f64])) {
        rows(self.rows(genome.reals()), outcome.objectives);
    }

    /// The rows of a batch in one call.
    pub(super) fn evaluate_batch(
        &self,
        batch: &BatchView<'_>,
        outcomes: &mut Outcomes,
        rows: impl Fn(Rows<'_>, &mut [f64]),
    ) {
        let range = batch.rows.clone();
        let reals = &batch.genomes.reals[range.start * self.dimension..range.end * self.dimension];
        rows(self.rows(reals), &mut outcomes.objectives[range]);
    }

    fn rows<'a>(&'a self, reals: &'a [f64]) -> Rows<'a> {
        Rows { reals, dimension: self.dimension, shift: &self.shift }
    }
}

/// Row-major reals, and how far the optimum is moved.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rows<'a> {
    pub(super) reals: &'a [f64],
    pub(super) dimension: usize,
    shift: &'a [f64],
}

impl Rows<'_> {
    /// For each row `finish` of the sums over its variables of each of `terms`' results.
    ///
    /// A row's sum is taken in four lanes, (0 + 1) + (2 + 3), whatever else is in the block: the order is part of
    /// the definition.
    #[inline(always)]
    pub(super) fn sums<const N: usize>(
        self,
        out: &mut [f64],
        terms: impl Fn(f64) -> [f64; N],
        finish: impl Fn([f64; N]) -> f64,
    ) {
        if self.dimension > BLOCK {
            return self.long_sums(out, terms, finish);
        }
        let rows_at_once = BLOCK / self.dimension;
        let mut buffers = [[0.0; BLOCK]; N];
        for (block, out) in self.reals.chunks(rows_at_once * self.dimension).zip(out.chunks_mut(rows_at_once)) {
            fill(block, self.shift, &mut buffers, &terms);
            for (row, value) in out.iter_mut().enumerate() {
                let from = row * self.dimension;
                let mut sums = [0.0; N];
                for (sum, buffer) in sums.iter_mut().zip(&buffers) {
                    *sum = total(add([0.0; 4], &buffer[from..from + self.dimension]));
                }
                *value = finish(sums);
            }
        }
    }

    #[inline(always)]
    fn long_sums<const N: usize>(
        self,
        out: &mut [f64],
        terms: impl Fn(f64) -> [f64; N],
        finish: impl Fn([f64; N]) -> f64,
    ) {
        let mut buffers = [[0.0; BLOCK]; N];
        for (row, value) in self.reals.chunks_exact(self.dimension).zip(out) {
            let mut lanes = [[0.0; 4]; N];
            for (part, shift) in row.chunks(BLOCK).zip(self.shift.chunks(BLOCK)) {
                fill(part, shift, &mut buffers, &terms);
                for (lanes, buffer) in lanes.iter_mut().zip(&buffers) {
                    *lanes = add(*lanes, &buffer[..part.len()]);
                }
            }
            *value = finish(lanes.map(total));
        }
    }
}

/// The terms of `values` less `shift`, which is at least as long, rounded up to whole [`LANES`].
#[inline(always)]
fn fill<const N: usize>(
    values: &[f64],
    shift: &[f64],
    buffers: &mut [[f64; BLOCK]; N],
    terms: impl Fn(f64) -> [f64; N],
) {
    let (body, tail) = values.as_chunks::<LANES>();
    let (shift, _) = shift.as_chunks::<LANES>();
    for (block, (values, shift)) in body.iter().zip(shift).enumerate() {
        eight(block, values, shift, buffers, &terms);
    }
    if !tail.is_empty() {
        // No variable falls in a scalar tail: it would take other instructions, and nearly as long as the block.
        let mut values = [0.0; LANES];
        values[..tail.len()].copy_from_slice(tail);
        eight(body.len(), &values, &shift[body.len()], buffers, &terms);
    }
}

#[inline(always)]
fn eight<const N: usize>(
    block: usize,
    values: &[f64; LANES],
    shift: &[f64; LANES],
    buffers: &mut [[f64; BLOCK]; N],
    terms: impl Fn(f64) -> [f64; N],
) {
    for k in 0..LANES {
        let results = terms(values[k] - shift[k]);
        for n in 0..N {
            buffers[n].as_chunks_mut::<LANES>().0[block][k] = results[n];
        }
    }
}

#[inline(always)]
fn add(mut lanes: [f64; 4], values: &[f64]) -> [f64; 4] {
    let (body, tail) = values.as_chunks::<4>();
    for four in body {
        for k in 0..4 {
            lanes[k] += four[k];
        }
    }
    for (lane, value) in lanes.iter_mut().zip(tail) {
        *lane += value;
    }
    lanes
}

#[inline(always)]
pub(super) fn total(lanes: [f64; 4]) -> f64 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

/// The signature of a problem with one goal and nothing else.
#[expect(clippy::expect_used, reason = "built-in spaces are made from checked options; tests build each of them")]
pub(super) fn one_goal(space: Result<Space, SpaceErrors>, goal: &str, direction: Direction) -> Signature {
    let space = space.expect("a built-in space is valid");
    let goals = vec![Goal { name: goal.to_owned(), direction }];
    Signature { space, goals, constraints: Vec::new(), measures: Vec::new() }
}

impl Dimension {
    /// The most variables, or bits, a built-in problem takes.
    pub const MAX: usize = 1 << 20;

    /// `dimension` variables; `None` where that is 0 or above [`Dimension::MAX`].
    pub fn new(dimension: usize) -> Option<Dimension> {
        (1..=Dimension::MAX).contains(&dimension).then_some(Dimension(dimension))
    }

    /// How many.
    pub fn get(self) -> usize {
        self.0
    }
}

impl Default for Dimension {
    /// 30.
    fn default() -> Dimension {
        Dimension(30)
    }
}

impl<'de> Deserialize<'de> for Dimension {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Dimension, D::Error> {
        deserializer.deserialize_u64(DimensionVisitor)
    }
}

struct DimensionVisitor;

impl de::Visitor<'_> for DimensionVisitor {
    type Value = Dimension;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "a whole number from 1 to {}", Dimension::MAX)
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Dimension, E> {
        usize::try_from(value)
            .ok()
            .and_then(Dimension::new)
            .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(value), &self))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Dimension, E> {
        match u64::try_from(value) {
            Ok(value) => self.visit_u64(value),
            Err(_) => Err(E::invalid_value(de::Unexpected::Signed(value), &self)),
        }
    }
}
