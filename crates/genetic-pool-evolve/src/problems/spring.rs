//! The tension and compression spring: a constrained design of three reals.

use serde::Deserialize;

use super::design;
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter},
};

/// The lightest spring that bears its load.
///
/// Variables: diameter of the `wire` d in \[0.05, 2\] and of the `coil` D in \[0.25, 1.3\] inches, number of active
/// `turns` N in \[2, 15\], taken as a real. Goal: `weight`, (N + 2) D d². Constraints, each given as what is used of its
/// limit, so that 1 is the bound of all: deflection 71785 d⁴ / D³ N; shear stress
/// (4 D² - d D) / 12566 (D d³ - d⁴) + 1 / 5108 d²; surge frequency D² N / 140.45 d; outer diameter (D + d) / 1.5.
///
/// A. D. Belegundu: A study of mathematical programming methods for structural optimization. University of Iowa 1982, as
/// in C. A. Coello Coello and E. Mezura-Montes: Constraint-handling in genetic algorithms through the use of
/// dominance-based tournament selection. Advanced Engineering Informatics 16(3), 2002,
/// [doi:10.1016/S1474-0346(02)00011-3](https://doi.org/10.1016/S1474-0346(02)00011-3). Best known weight: 0.012665233 at
/// d = 0.05168906, D = 0.35671775, N = 11.28896534: M. Zhang, W. Luo and X. Wang: Differential evolution with dynamic
/// stochastic selection for constrained optimization. Information Sciences 178(15), 2008,
/// [doi:10.1016/j.ins.2008.02.014](https://doi.org/10.1016/j.ins.2008.02.014).
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Spring {}

impl Problem for Spring {
    fn signature(&self) -> Signature {
        let real = |name, low, high| Parameter::new(name, Domain::real(low, high));
        let parameters = vec![real("wire", 0.05, 2.0), real("coil", 0.25, 1.3), real("turns", 2.0, 15.0)];
        design::signature(parameters, "weight", ["deflection", "shear_stress", "surge_frequency", "outer_diameter"])
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let [wire, coil, turns] = genome.reals() else {
            return Err(Failure::exception("expected the three reals `wire`, `coil`, `turns`"));
        };
        let (weight, used) = spring(*wire, *coil, *turns);
        outcome.objectives[0] = weight;
        outcome.constraints.copy_from_slice(&used);
        Ok(())
    }
}

/// The weight, and how much of each limit is used.
fn spring(wire: f64, coil: f64, turns: f64) -> (f64, [f64; 4]) {
    let square = wire * wire;
    let fourth = square * square;
    // Where the wire is as thick as the coil the stress is infinite, and past there it is no spring.
    let hollow = coil * (wire * square) - fourth;
    let bending = (4.0 * (coil * coil) - wire * coil) / (12_566.0 * if hollow > 0.0 { hollow } else { 0.0 });
    let used = [
        71_785.0 * fourth / (coil * coil * coil * turns),
        if hollow > 0.0 { bending + 1.0 / (5108.0 * square) } else { f64::INFINITY },
        coil * coil * turns / (140.45 * wire),
        (coil + wire) / 1.5,
    ];
    ((turns + 2.0) * coil * square, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_design_has_its_weight_and_is_feasible() {
        let (weight, used) = spring(0.051_689_061_4, 0.356_717_746_9, 11.288_965_338_2);
        assert!((weight - 0.012_665_232_788).abs() < 1e-10, "{weight}");
        assert!(used.iter().all(|used| *used <= 1.0 + 1e-7), "{used:?}");
        // Deflection and stress bind.
        assert!(used[0] > 1.0 - 1e-7 && used[1] > 1.0 - 1e-7, "{used:?}");
    }

    #[test]
    fn a_solid_coil_is_never_feasible() {
        for (wire, coil) in [(0.3, 0.3), (1.5, 0.25)] {
            assert_eq!(spring(wire, coil, 5.0).1[1], f64::INFINITY);
        }
    }
}
