//! The search space: named parameters, their domains, and when each of them counts.

mod activity;
mod check;
mod coordinates;
mod genome;
mod genome_mut;
mod genomes;
mod layout;
mod point;
mod step;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use self::{
    activity::Activity,
    coordinates::{Cell, Coordinates, NoCoordinate},
    genome::{Genome, Value},
    genome_mut::GenomeMut,
    genomes::Genomes,
    layout::{Column, Layout, Segment, Shape},
    point::{PointError, PointFault, PointValue},
    step::{snap, steps},
};

/// An ordered list of named parameters.
///
/// A point of it is a [`Genome`]; many points are [`Genomes`]. A `Space` is valid by construction:
/// [`Space::new`] finds every problem of its parameters at once.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    parameters: Vec<Parameter>,
    layout: Layout,
    activity: Activity,
}

/// One named parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The name the evaluation sees.
    pub name: String,
    /// The values it takes.
    pub domain: Domain,
    /// `Some(n)`: a vector of `n` values of that domain. Not for permutations and sequences, whose size is their domain's.
    pub len: Option<usize>,
    /// All of these must hold for the parameter to count; empty: it always does.
    pub when: Vec<Condition>,
}

/// The values a parameter takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Domain {
    /// A real number in `[low, high]`, both finite.
    Real {
        /// Least value.
        low: f64,
        /// Greatest value, above `low`.
        high: f64,
        /// How distances are measured when it is varied.
        scale: Scale,
        /// Only `low + k·step` are values.
        step: Option<f64>,
    },
    /// A whole number in `[low, high]`.
    Int {
        /// Least value.
        low: i64,
        /// Greatest value, not below `low`.
        high: i64,
    },
    /// One of several levels in a meaningful order; a genome holds the level's index.
    Ordinal {
        /// The levels, from least to greatest; at least one.
        levels: Vec<Level>,
    },
    /// True or false.
    Bit,
    /// One of several levels without an order; a genome holds the level's index.
    Choice {
        /// The levels; at least one.
        levels: Vec<Level>,
    },
    /// An order of the items `0..size`.
    Permutation {
        /// How many items.
        size: usize,
    },
    /// An order of values that repeat: value `v` stands in it `counts[v]` times.
    ///
    /// A permutation with repetition; one in which every count is 1 is a permutation. In a job shop value `v` is job `v`,
    /// and its `k`-th occurrence the job's `k`-th operation: every sequence is a schedule.
    Sequence {
        /// How often each of the values `0..counts.len()` stands in it; their sum is at least 1.
        counts: Vec<u32>,
    },
}

/// How a real parameter is varied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scale {
    /// Equal differences count alike.
    #[default]
    Linear,
    /// Equal ratios count alike; needs `low > 0`.
    Log,
}

/// A named value of an ordinal or a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Level {
    /// Words.
    Text(String),
    /// A whole number.
    Int(i64),
    /// A real number.
    Real(f64),
    /// True or false.
    Bool(bool),
}

/// Holds where the parameter `parameter` counts and has one of the values `is`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    /// The name of a parameter declared earlier: an int, an ordinal, a bit or a choice without `len`.
    pub parameter: String,
    /// The values under which the condition holds; at least one, each a value of that parameter.
    pub is: Vec<Level>,
}

/// All that is wrong with the parameters of a space: at least one thing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
pub struct SpaceErrors {
    /// In the order of the parameters.
    pub errors: Vec<SpaceError>,
}

/// What is wrong with one parameter.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("parameter `{parameter}`: {fault}")]
pub struct SpaceError {
    /// The parameter's name.
    pub parameter: String,
    /// What is wrong with it.
    pub fault: SpaceFault,
}

/// The ways in which a parameter can be wrong.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it")]
pub enum SpaceFault {
    #[error("the name is empty")]
    EmptyName,
    #[error("the name is used twice")]
    DuplicateName,
    #[error("bounds must be finite, found [{low}, {high}]")]
    NotFinite { low: f64, high: f64 },
    #[error("bounds are reversed or empty: [{low}, {high}]")]
    Reversed { low: f64, high: f64 },
    #[error("a log scale needs a lower bound above 0, found {low}")]
    LogOfNonPositive { low: f64 },
    #[error("the step must be above 0 and at most {range}, found {step}")]
    Step { step: f64, range: f64 },
    #[error("the range [{low}, {high}] is wider than 2^53")]
    TooWide { low: i64, high: i64 },
    #[error("there are no levels")]
    NoLevels,
    #[error("level `{level}` stands twice")]
    DuplicateLevel { level: Level },
    #[error("a permutation needs 1 to 2^32 - 1 items, found {size}")]
    PermutationSize { size: usize },
    #[error("a sequence needs 1 to 2^32 - 1 items, found {size}")]
    SequenceSize { size: u64 },
    #[error("`len` must be at least 1")]
    EmptyVector,
    #[error("the parameters up to here have more than {most} genes")]
    TooManyGenes { most: usize },
    #[error("a permutation takes no `len`: its size says how long it is")]
    PermutationLen,
    #[error("a sequence takes no `len`: its counts say how long it is")]
    SequenceLen,
    #[error("`when` names `{on}`, which is not declared before it")]
    UnknownCondition { on: String },
    #[error("`when` names `{on}`, which is {kind}: only an int, ordinal, bit or choice without `len` can be asked")]
    ConditionKind { on: String, kind: &'static str },
    #[error("`when` asks for `{on} = {level}`, which is not one of its values")]
    ConditionLevel { on: String, level: Level },
    #[error("`when` names `{on}` without a value")]
    ConditionEmpty { on: String },
}

impl Space {
    /// The most genes a space has: 2^24, of all its parameters together.
    pub const MOST_GENES: usize = 1 << 24;

    /// Checks `parameters` and lays them out; every problem is reported, not only the first.
    pub fn new(parameters: Vec<Parameter>) -> Result<Space, SpaceErrors> {
        let mut errors = Vec::new();
        let mut genes = 0usize;
        let mut seen: HashMap<&str, &Parameter> = HashMap::new();
        for parameter in &parameters {
            parameter.check(&seen, &mut |fault| {
                errors.push(SpaceError { parameter: parameter.name.clone(), fault });
            });
            seen.insert(&parameter.name, parameter);
            let before = genes;
            genes = genes.saturating_add(parameter.genes());
            if before <= Space::MOST_GENES && genes > Space::MOST_GENES {
                let fault = SpaceFault::TooManyGenes { most: Space::MOST_GENES };
                errors.push(SpaceError { parameter: parameter.name.clone(), fault });
            }
        }
        if !errors.is_empty() {
            return Err(SpaceErrors { errors });
        }
        let layout = Layout::new(&parameters);
        let activity = Activity::new(&parameters, &layout);
        Ok(Space { parameters, layout, activity })
    }

    /// The parameters, in order.
    pub fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// Where each parameter's genes stand in [`Genomes`].
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// When each parameter counts.
    pub fn activity(&self) -> &Activity {
        &self.activity
    }

    /// Computes the activity mask of row `row` of `genomes`; nothing to do where every parameter always counts.
    #[inline]
    pub fn update_activity(&self, genomes: &mut Genomes, row: usize) {
        self.activity.update(genomes, row);
    }

    /// The index of the parameter called `name`.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.parameters.iter().position(|parameter| parameter.name == name)
    }

    /// Room for `rows` genomes of this space, all zero: not yet points of it.
    pub fn genomes(&self, rows: usize) -> Genomes {
        Genomes::new(self.layout.shape, rows)
    }
}

impl Parameter {
    /// A parameter that always counts, not a vector.
    pub fn new(name: impl Into<String>, domain: Domain) -> Parameter {
        Parameter { name: name.into(), domain, len: None, when: Vec::new() }
    }

    /// The same as a vector of `len` values.
    #[must_use]
    pub fn len(mut self, len: usize) -> Parameter {
        self.len = Some(len);
        self
    }

    /// How many genes it takes.
    pub fn genes(&self) -> usize {
        match &self.domain {
            Domain::Permutation { size } => *size,
            Domain::Sequence { counts } => usize::try_from(items_of(counts)).unwrap_or(usize::MAX),
            _ => self.len.unwrap_or(1),
        }
    }

    fn check(&self, seen: &HashMap<&str, &Parameter>, fault: &mut impl FnMut(SpaceFault)) {
        if self.name.is_empty() {
            fault(SpaceFault::EmptyName);
        }
        if seen.contains_key(self.name.as_str()) {
            fault(SpaceFault::DuplicateName);
        }
        self.domain.check(fault);
        match (self.len, &self.domain) {
            (Some(_), Domain::Permutation { .. }) => fault(SpaceFault::PermutationLen),
            (Some(_), Domain::Sequence { .. }) => fault(SpaceFault::SequenceLen),
            (Some(0), _) => fault(SpaceFault::EmptyVector),
            _ => {}
        }
        for condition in &self.when {
            let on = condition.parameter.clone();
            let Some(other) = seen.get(condition.parameter.as_str()) else {
                fault(SpaceFault::UnknownCondition { on });
                continue;
            };
            if other.len.is_some() || !other.domain.is_single() {
                let kind = if other.len.is_some() { "a vector" } else { other.domain.kind() };
                fault(SpaceFault::ConditionKind { on, kind });
                continue;
            }
            if condition.is.is_empty() {
                fault(SpaceFault::ConditionEmpty { on: on.clone() });
            }
            for level in &condition.is {
                if other.domain.index_of(level).is_none() {
                    fault(SpaceFault::ConditionLevel { on: on.clone(), level: level.clone() });
                }
            }
        }
    }
}

impl Domain {
    /// A real domain on a linear scale, without a step.
    pub fn real(low: f64, high: f64) -> Domain {
        Domain::Real { low, high, scale: Scale::Linear, step: None }
    }

    /// The kind, as a noun with its article.
    pub fn kind(&self) -> &'static str {
        match self {
            Domain::Real { .. } => "a real",
            Domain::Int { .. } => "an int",
            Domain::Ordinal { .. } => "an ordinal",
            Domain::Bit => "a bit",
            Domain::Choice { .. } => "a choice",
            Domain::Permutation { .. } => "a permutation",
            Domain::Sequence { .. } => "a sequence",
        }
    }

    /// Whether a parameter of this domain has one value of few, which a condition can ask for.
    fn is_single(&self) -> bool {
        match self {
            Domain::Int { .. } | Domain::Ordinal { .. } | Domain::Bit | Domain::Choice { .. } => true,
            Domain::Real { .. } | Domain::Permutation { .. } | Domain::Sequence { .. } => false,
        }
    }

    /// The value a gene of this domain holds for `level`; `None` where it is not one of its values.
    ///
    /// A whole number is its own gene; an ordinal's and a choice's gene is the level's index; a bit's is 0 or 1.
    pub fn index_of(&self, level: &Level) -> Option<i64> {
        match (self, level) {
            (Domain::Int { low, high }, Level::Int(value)) => (low..=high).contains(&value).then_some(*value),
            (Domain::Bit, Level::Bool(value)) => Some(i64::from(*value)),
            (Domain::Ordinal { levels } | Domain::Choice { levels }, _) => {
                levels.iter().position(|other| other == level).map(|index| index as i64)
            }
            _ => None,
        }
    }

    fn check(&self, fault: &mut impl FnMut(SpaceFault)) {
        match self {
            Domain::Real { low, high, scale, step } => {
                let (low, high) = (*low, *high);
                if !low.is_finite() || !high.is_finite() || !(high - low).is_finite() {
                    return fault(SpaceFault::NotFinite { low, high });
                }
                if low >= high {
                    return fault(SpaceFault::Reversed { low, high });
                }
                if *scale == Scale::Log && low < f64::MIN_POSITIVE {
                    fault(SpaceFault::LogOfNonPositive { low });
                }
                if let Some(step) = *step
                    && !(step > 0.0 && step <= high - low)
                {
                    fault(SpaceFault::Step { step, range: high - low });
                }
            }
            Domain::Int { low, high } => {
                if low > high {
                    fault(SpaceFault::Reversed { low: *low as f64, high: *high as f64 });
                } else if high.checked_sub(*low).is_none_or(|range| range > 1 << 53) {
                    fault(SpaceFault::TooWide { low: *low, high: *high });
                }
            }
            Domain::Ordinal { levels } | Domain::Choice { levels } => {
                if levels.is_empty() {
                    fault(SpaceFault::NoLevels);
                }
                for (index, level) in levels.iter().enumerate() {
                    if levels[..index].contains(level) {
                        fault(SpaceFault::DuplicateLevel { level: level.clone() });
                    }
                }
            }
            Domain::Bit => {}
            Domain::Permutation { size } => {
                if *size == 0 || *size > u32::MAX as usize {
                    fault(SpaceFault::PermutationSize { size: *size });
                }
            }
            Domain::Sequence { counts } => {
                let size = items_of(counts);
                if size == 0 || size > u64::from(u32::MAX) {
                    fault(SpaceFault::SequenceSize { size });
                }
            }
        }
    }
}

/// How long a sequence of these counts is.
fn items_of(counts: &[u32]) -> u64 {
    counts.iter().map(|count| u64::from(*count)).sum()
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Level::Text(text) => f.write_str(text),
            Level::Int(value) => write!(f, "{value}"),
            Level::Real(value) => write!(f, "{value}"),
            Level::Bool(value) => write!(f, "{value}"),
        }
    }
}
