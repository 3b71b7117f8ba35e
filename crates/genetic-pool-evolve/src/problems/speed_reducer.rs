//! The speed reducer: a constrained design of six reals and a number of teeth.

use serde::Deserialize;

use super::design;
use crate::{
    problem::{Failure, Outcome, Problem, Signature, Trial},
    space::{Domain, Genome, Parameter},
};

/// The lightest gear box between an engine and a propeller.
///
/// Variables, in centimetres: `face` width b in \[2.6, 3.6\], `module` of the teeth m in \[0.7, 0.8\], number of `teeth`
/// of the pinion z, a whole number in \[17, 28\], lengths of the shafts between bearings `length1` and `length2` in
/// \[7.3, 8.3\], their diameters `diameter1` in \[2.9, 3.9\] and `diameter2` in \[5, 5.5\]. Goal: `weight`,
/// 0.7854 b m² (3.3333 z² + 14.9334 z - 43.0934) - 1.508 b (d₁² + d₂²) + 7.4777 (d₁³ + d₂³) + 0.7854 (l₁ d₁² + l₂ d₂²).
/// Eleven constraints, each given as what is used of its limit, so that 1 is the bound of all:
///
/// - of the teeth, bending 27 / b m² z and contact stress 397.5 / b m² z²;
/// - of the shafts, deflection 1.93 lᵢ³ / m z dᵢ⁴ and stress √((745 lᵢ / m z)² + cᵢ) / sᵢ dᵢ³ with c₁ = 16.9·10⁶,
///   s₁ = 110, c₂ = 157.5·10⁶, s₂ = 85;
/// - of sizes, m z / 40, 5 m / b, b / 12 m, (1.5 d₁ + 1.9) / l₁ and (1.1 d₂ + 1.9) / l₂.
///
/// J. Golinski: An adaptive optimization system applied to machine synthesis. Mechanism and Machine Theory 8(4), 1973,
/// [doi:10.1016/0094-114X(73)90018-9](https://doi.org/10.1016/0094-114X(73)90018-9). Best known weight: 2994.471066 at
/// b = 3.5, m = 0.7, z = 17, l₁ = 7.3, l₂ = 7.71531991, d₁ = 3.35021467, d₂ = 5.28665446: M. Zhang, W. Luo and X. Wang:
/// Differential evolution with dynamic stochastic selection for constrained optimization. Information Sciences 178(15),
/// 2008, [doi:10.1016/j.ins.2008.02.014](https://doi.org/10.1016/j.ins.2008.02.014). Where `length2` begins at 7.8, as
/// it does elsewhere, the best is 2996.348.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeedReducer {}

/// As the source rounds it: with more digits best values would be others.
#[expect(clippy::approx_constant, reason = "the constant is the source's")]
const QUARTER_PI: f64 = 0.7854;

impl Problem for SpeedReducer {
    fn signature(&self) -> Signature {
        let real = |name, low, high| Parameter::new(name, Domain::real(low, high));
        let parameters = vec![
            real("face", 2.6, 3.6),
            real("module", 0.7, 0.8),
            Parameter::new("teeth", Domain::Int { low: 17, high: 28 }),
            real("length1", 7.3, 8.3),
            real("length2", 7.3, 8.3),
            real("diameter1", 2.9, 3.9),
            real("diameter2", 5.0, 5.5),
        ];
        let constraints = [
            "tooth_bending",
            "tooth_contact",
            "deflection1",
            "deflection2",
            "stress1",
            "stress2",
            "pinion",
            "least_face",
            "greatest_face",
            "bearing1",
            "bearing2",
        ];
        design::signature(parameters, "weight", constraints)
    }

    fn evaluate(&self, genome: Genome<'_>, _trial: &Trial, outcome: &mut Outcome<'_>) -> Result<(), Failure> {
        let ([face, module, lengths @ .., first, second], [teeth]) = (genome.reals(), genome.ints()) else {
            return Err(Failure::exception("expected six reals and the number of `teeth`"));
        };
        let [length, other] = lengths else {
            return Err(Failure::exception("expected six reals and the number of `teeth`"));
        };
        let (weight, used) = speed_reducer(*face, *module, *teeth as f64, [*length, *other], [*first, *second]);
        outcome.objectives[0] = weight;
        outcome.constraints.copy_from_slice(&used);
        Ok(())
    }
}

/// The weight, and how much of each limit is used.
fn speed_reducer(face: f64, module: f64, teeth: f64, lengths: [f64; 2], diameters: [f64; 2]) -> (f64, [f64; 11]) {
    let [l1, l2] = lengths;
    let [d1, d2] = diameters;
    let square = module * module;
    let pinion = module * teeth;
    let weight = QUARTER_PI * face * square * (3.3333 * (teeth * teeth) + 14.9334 * teeth - 43.0934)
        - 1.508 * face * (d1 * d1 + d2 * d2)
        + 7.4777 * (d1 * d1 * d1 + d2 * d2 * d2)
        + QUARTER_PI * (l1 * (d1 * d1) + l2 * (d2 * d2));
    let deflection = |l: f64, d: f64| 1.93 * (l * l * l) / (pinion * ((d * d) * (d * d)));
    let stress = |l: f64, d: f64, load: f64, limit: f64| {
        let bending = 745.0 * l / pinion;
        (bending * bending + load).sqrt() / (limit * (d * d * d))
    };
    let used = [
        27.0 / (face * square * teeth),
        397.5 / (face * square * (teeth * teeth)),
        deflection(l1, d1),
        deflection(l2, d2),
        stress(l1, d1, 16.9e6, 110.0),
        stress(l2, d2, 157.5e6, 85.0),
        pinion / 40.0,
        5.0 * module / face,
        face / (12.0 * module),
        (1.5 * d1 + 1.9) / l1,
        (1.1 * d2 + 1.9) / l2,
    ];
    (weight, used)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_known_design_has_its_weight_and_is_feasible() {
        let (weight, used) =
            speed_reducer(3.5, 0.7, 17.0, [7.3, 7.715_319_911_478], [3.350_214_666_096, 5.286_654_464_980]);
        assert!((weight - 2_994.471_066).abs() < 1e-5, "{weight}");
        assert!(used.iter().all(|used| *used <= 1.0 + 1e-9), "{used:?}");
        // Both stresses, the least face and the second bearing bind.
        for binding in [4, 5, 7, 10] {
            assert!(used[binding] > 1.0 - 1e-9, "{binding}: {used:?}");
        }
    }

    #[test]
    fn a_genome_is_read_in_the_order_of_its_names() {
        use crate::{
            outcomes::{OutcomeShape, Outcomes},
            problem::CandidateId,
        };
        let problem = SpeedReducer::default();
        let signature = problem.signature();
        let mut genomes = signature.space.genomes(1);
        genomes.reals = vec![3.5, 0.7, 7.3, 7.715_319_911_478, 3.350_214_666_096, 5.286_654_464_980];
        genomes.ints = vec![17];
        let mut outcomes = Outcomes::new(OutcomeShape::of(&signature), 1);
        let genome = Genome::new(&signature.space, &genomes, 0);
        problem.evaluate(genome, &Trial::new(1, CandidateId(0)), &mut outcomes.row_mut(0)).unwrap();
        assert!((outcomes.objectives[0] - 2_994.471_066).abs() < 1e-5);
        assert!(signature.violation(&outcomes.constraints) < 1e-8);
    }
}
