//! The travelling salesperson problem.

use std::sync::Arc;

use super::{function::one_goal, tsplib::Instance};
use crate::{
    operators::{Operators, distances::Distances, improve::OrTwoOpt},
    problem::{Direction, Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Space},
};

/// The shortest closed tour through all nodes of a TSPLIB instance: a permutation `tour`, the goal `length`.
///
/// Node `k` of the permutation is node `k + 1` of the instance's text; a tour may start anywhere and, where distances
/// are symmetric, go either way. Best known lengths stand in the library's list, `berlin52`: 7542, `att48`: 10628,
/// `burma14`: 3323, `ulysses16`: 6859, `gr17`: 2085. G. Reinelt: TSPLIB, a traveling salesman problem library. ORSA
/// Journal on Computing 3(4), 1991, [doi:10.1287/ijoc.3.4.376](https://doi.org/10.1287/ijoc.3.4.376).
#[derive(Clone, Debug)]
pub struct Tour {
    /// The instance.
    pub instance: Instance,
}

impl Problem for Tour {
    fn signature(&self) -> Signature {
        let size = self.instance.dimension;
        one_goal(Space::new(vec![Parameter::new("tour", Domain::Permutation { size })]), "length", Direction::Minimize)
    }

    /// The distances and, as a local search, 2-opt and or-opt, where distances are the same there and back.
    fn operators(&self) -> Operators {
        let distances = Distances::new(self.instance.dimension, self.instance.distances.clone()).map(Arc::new);
        Operators {
            improve: distances.clone().map(|distances| Arc::new(OrTwoOpt::new(distances)) as _),
            distances,
            ..Operators::default()
        }
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        outcome.objectives[0] = self.instance.length(genome.permutation()) as f64;
        Ok(())
    }
}
