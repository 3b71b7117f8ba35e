//! The pressure vessel: a constrained design of two reals and two plate thicknesses.

use serde::Deserialize;

use super::design;
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter, Scale},
};

/// The cheapest cylindrical vessel with hemispherical heads that holds a volume of gas.
///
/// Variables, in inches: thickness of the `shell` S and of the `head` H, from 1/16 to 99/16 in steps of 1/16; `radius` R
/// in \[10, 200\] and `length` L of the cylinder in \[10, 240\]. Goal: the cost
/// 0.6224 S R L + 1.7781 H R² + 3.1661 S² L + 19.84 S² R in dollars. Constraints, each given as what is used of its limit,
/// so that 1 is the bound of all: 0.0193 R ≤ S, 0.00954 R ≤ H, and 1,296,000 in³ ≤ π R² L + 4/3 π R³; the usual fourth
/// one, L ≤ 240, is a bound.
///
/// E. Sandgren: Nonlinear integer and discrete programming in mechanical design optimization. Journal of Mechanical
/// Design 112(2), 1990, [doi:10.1115/1.2912596](https://doi.org/10.1115/1.2912596). Best known cost: 6059.714335 at
/// S = 0.8125, H = 0.4375, R = 42.0984456, L = 176.6365958; that it is the best there is show X.-S. Yang, C. Huyck,
/// M. Karamanoglu and N. Khan: True global optimality of the pressure vessel design problem. International Journal of
/// Bio-Inspired Computation 5(6), 2013, [doi:10.1504/IJBIC.2013.058910](https://doi.org/10.1504/IJBIC.2013.058910).
/// Where thicknesses are taken as any reals, as they often are, costs are lower: another problem.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PressureVessel {}

impl Problem for PressureVessel {
    fn signature(&self) -> Signature {
        let thickness = Domain::Real { low: 0.0625, high: 99.0 * 0.0625, scale: Scale::Linear, step: Some(0.0625) };
        let parameters = vec![
            Parameter::new("shell", thickness.clone()),
            Parameter::new("head", thickness),
            Parameter::new("radius", Domain::real(10.0, 200.0)),
            Parameter::new("length", Domain::real(10.0, 240.0)),
        ];
        design::signature(parameters, "cost", ["shell_thickness", "head_thickness", "volume"])
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let [shell, head, radius, length] = genome.reals() else {
            return Err(Failure::exception("expected the four reals `shell`, `head`, `radius`, `length`"));
        };
        let (cost, used) = pressure_vessel(*shell, *head, *radius, *length);
        outcome.objectives[0] = cost;
        outcome.constraints.copy_from_slice(&used);
        Ok(())
    }
}

/// The cost, and how much of each limit is used.
fn pressure_vessel(shell: f64, head: f64, radius: f64, length: f64) -> (f64, [f64; 3]) {
    let square = radius * radius;
    let cost = 0.6224 * shell * radius * length
        + 1.7781 * head * square
        + 3.1661 * (shell * shell) * length
        + 19.84 * (shell * shell) * radius;
    let volume = std::f64::consts::PI * square * (length + 4.0 / 3.0 * radius);
    (cost, [0.0193 * radius / shell, 0.009_54 * radius / head, 1_296_000.0 / volume])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_design_has_its_cost_and_is_feasible() {
        let (cost, used) = pressure_vessel(0.8125, 0.4375, 42.098_445_595_854_9, 176.636_595_842_439_4);
        assert!((cost - 6_059.714_335_048_436).abs() < 1e-6, "{cost}");
        assert!(used.iter().all(|used| *used <= 1.0 + 1e-10), "{used:?}");
        // Shell and volume bind.
        assert!(used[0] > 1.0 - 1e-10 && used[2] > 1.0 - 1e-10, "{used:?}");
    }

    #[test]
    fn its_thicknesses_are_of_the_space() {
        let space = PressureVessel::default().signature().space;
        let Domain::Real { low, step: Some(step), .. } = space.parameters()[0].domain else { panic!("steps of reals") };
        for thickness in [0.8125, 0.4375] {
            assert_eq!((thickness - low) / step % 1.0, 0.0);
        }
    }
}
