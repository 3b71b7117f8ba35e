//! Which operators vary permutations and sequences.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Choice, ConfigError, MemeticOptions, Settings};
use crate::{
    operators::{
        Operators,
        crossover::{
            Crossover, edge_assembly::EdgeAssembly, edge_recombination::EdgeRecombination, job_order::JobOrder,
            order::Order, partially_mapped::PartiallyMapped,
        },
        distances::Distances,
        mutation::{Mutation, insertion::Insertion, inversion::Inversion, or_opt::OrOpt},
    },
    problem::Signature,
    random::Stream,
    space::{Domain, Space},
};

/// The crossovers of permutations and sequences, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrossoverOperator {
    /// The problem's own.
    Own,
    /// [`Order`].
    Order,
    /// [`PartiallyMapped`].
    PartiallyMapped,
    /// [`EdgeRecombination`].
    EdgeRecombination,
    /// [`EdgeAssembly`], where the problem gives distances.
    EdgeAssembly,
    /// [`JobOrder`].
    JobOrder,
}

/// The mutations of permutations and sequences, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MutationOperator {
    /// The problem's own.
    Own,
    /// An inversion or an insertion, evenly.
    Moves,
    /// [`Inversion`].
    Inversion,
    /// [`Insertion`].
    Insertion,
    /// [`OrOpt`].
    OrOpt,
}

/// The memetic algorithm, where a problem brings along what that lives on, and the space is permutations and sequences:
/// a local search, or distances for edge assembly. `None` elsewhere.
pub(super) fn choose(
    operators: &Operators,
    signature: &Signature,
    budget: Option<u64>,
    parallel: usize,
) -> Option<Choice> {
    let shape = signature.space.layout().shape;
    let only = shape.items > 0 && shape.reals + shape.ints + shape.bits == 0;
    if !only || signature.goals.len() != 1 {
        return None;
    }
    let mut options = MemeticOptions::default();
    let settings = options.resolve(&signature.space, operators, parallel);
    let assembled = settings.crossover_operator == Some(CrossoverOperator::EdgeAssembly);
    let why = match (assembled, settings.improve) {
        (false, false) => return None,
        (true, true) => "the problem gives distances for edge assembly, and improves every child itself",
        (true, false) => "the problem gives distances for edge assembly",
        (false, true) => "the problem improves every child itself",
    };
    let mut why = format!("{why}; here {} items to arrange", shape.items);
    // Ten generations at least, of pairs.
    if let Some(most) = budget.map(|budget| usize::try_from(budget / 10).unwrap_or(usize::MAX))
        && most < settings.population
    {
        let population = (most - most % 2).max(2);
        options.population = Some(population);
        why = format!("{why}; a population of {population} instead of {}, for the budget", settings.population);
    }
    let settings = options.resolve(&signature.space, operators, parallel);
    Some(Choice { settings: Settings::Memetic(settings), why })
}

/// Either an inversion or an insertion.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Moves;

impl Mutation for Moves {
    #[inline]
    fn mutate(&self, items: &mut [u32], stream: &mut Stream) {
        if stream.next() >> 63 == 0 {
            Inversion.mutate(items, stream);
        } else {
            Insertion.mutate(items, stream);
        }
    }
}

/// A key as messages call it.
const CROSSOVER: &str = "crossover_operator";
const MUTATION: &str = "mutation_operator";

impl CrossoverOperator {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            CrossoverOperator::Own => "own",
            CrossoverOperator::Order => "order",
            CrossoverOperator::PartiallyMapped => "partially-mapped",
            CrossoverOperator::EdgeRecombination => "edge-recombination",
            CrossoverOperator::EdgeAssembly => "edge-assembly",
            CrossoverOperator::JobOrder => "job-order",
        }
    }

    /// Refuses it where a problem with `operators` and `space` has no such operator.
    pub(super) fn check(self, operators: &Operators, space: &Space) -> Result<(), ConfigError> {
        check_any(space, CROSSOVER, self.name())?;
        match self {
            CrossoverOperator::Own => self.own(operators).map(drop),
            CrossoverOperator::EdgeAssembly => self.distances(operators, space).map(drop),
            CrossoverOperator::Order
            | CrossoverOperator::PartiallyMapped
            | CrossoverOperator::EdgeRecombination
            | CrossoverOperator::JobOrder => Ok(()),
        }
    }

    /// The operator, of those that a problem with `operators` has for a space `space`.
    pub(super) fn find(self, operators: &Operators, space: &Space) -> Result<Arc<dyn Crossover>, ConfigError> {
        check_any(space, CROSSOVER, self.name())?;
        Ok(match self {
            CrossoverOperator::Own => self.own(operators)?,
            CrossoverOperator::Order => Arc::new(Order),
            CrossoverOperator::PartiallyMapped => Arc::new(PartiallyMapped),
            CrossoverOperator::EdgeRecombination => Arc::new(EdgeRecombination),
            CrossoverOperator::EdgeAssembly => Arc::new(EdgeAssembly::new(self.distances(operators, space)?)),
            CrossoverOperator::JobOrder => Arc::new(JobOrder),
        })
    }

    fn own(self, operators: &Operators) -> Result<Arc<dyn Crossover>, ConfigError> {
        operators.crossover.clone().ok_or_else(|| self.missing("a crossover that the problem brings along"))
    }

    fn distances(self, operators: &Operators, space: &Space) -> Result<Arc<Distances>, ConfigError> {
        let sizes: Vec<usize> = space.parameters().iter().filter_map(permutation).collect();
        let distances = operators.distances.clone().filter(|distances| sizes == [distances.size()]);
        distances.ok_or_else(|| self.missing("one permutation, between whose items the problem gives distances"))
    }

    fn missing(self, needs: &'static str) -> ConfigError {
        ConfigError::Operator { key: CROSSOVER, found: self.name(), needs }
    }
}

impl MutationOperator {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            MutationOperator::Own => "own",
            MutationOperator::Moves => "moves",
            MutationOperator::Inversion => "inversion",
            MutationOperator::Insertion => "insertion",
            MutationOperator::OrOpt => "or-opt",
        }
    }

    /// Refuses it where a problem with `operators` and `space` has no such operator.
    pub(super) fn check(self, operators: &Operators, space: &Space) -> Result<(), ConfigError> {
        self.find(operators, space).map(drop)
    }

    /// The operator, of those that a problem with `operators` has for a space `space`.
    pub(super) fn find(self, operators: &Operators, space: &Space) -> Result<Arc<dyn Mutation>, ConfigError> {
        check_any(space, MUTATION, self.name())?;
        Ok(match self {
            MutationOperator::Own => operators.mutation.clone().ok_or(ConfigError::Operator {
                key: MUTATION,
                found: self.name(),
                needs: "a mutation that the problem brings along",
            })?,
            MutationOperator::Moves => Arc::new(Moves),
            MutationOperator::Inversion => Arc::new(Inversion),
            MutationOperator::Insertion => Arc::new(Insertion),
            MutationOperator::OrOpt => Arc::new(OrOpt),
        })
    }
}

fn permutation(parameter: &crate::space::Parameter) -> Option<usize> {
    match parameter.domain {
        Domain::Permutation { size } => Some(size),
        _ => None,
    }
}

fn check_any(space: &Space, key: &'static str, found: &'static str) -> Result<(), ConfigError> {
    if space.layout().shape.items > 0 {
        return Ok(());
    }
    Err(ConfigError::Operator { key, found, needs: "a permutation or a sequence in the space" })
}
