//! The fronts that are known in closed form.

use super::{Dtlz, Kind, last_of_pieces};

/// Where a goal but the last lies on the front of problem 7: f (1 + sin 3πf) is greater than anywhere before.
/// Computed with 30 digits.
const PIECES: [[f64; 2]; 2] = [[0.0, 0.251_411_836_088_917_1], [0.631_626_530_700_061_2, 0.859_400_856_644_723_9]];

impl Dtlz {
    /// Points spread over the front, the goals of each one after the other; `None` for problems 5 and 6.
    ///
    /// For problems 1 to 4 these are the points of the simplex lattice with `divisions` parts, C(`divisions` + M - 1,
    /// M - 1) of them, brought to the front; for problem 7 a grid of (`divisions` + 1)^(M - 1), evenly spaced along
    /// both parts of each goal.
    pub fn front(&self, divisions: usize) -> Option<Vec<f64>> {
        let goals = self.goals;
        match self.kind {
            Kind::Plane => Some(lattice(goals, divisions).into_iter().map(|share| 0.5 * share).collect()),
            Kind::Sphere | Kind::MultimodalSphere | Kind::BiasedSphere => {
                let mut points = lattice(goals, divisions);
                for point in points.chunks_exact_mut(goals) {
                    let length = point.iter().fold(0.0, |sum, f| sum + f * f).sqrt();
                    for f in point {
                        *f /= length;
                    }
                }
                Some(points)
            }
            Kind::Pieces => {
                let marks = marks(divisions);
                let mut points = Vec::new();
                for mut number in 0..marks.len().pow(goals as u32 - 1) {
                    let start = points.len();
                    for _ in 1..goals {
                        points.push(marks[number % marks.len()]);
                        number /= marks.len();
                    }
                    let last = last_of_pieces(&points[start..], 1.0);
                    points.push(last);
                }
                Some(points)
            }
            Kind::Curve | Kind::BiasedCurve => None,
        }
    }

    /// The volume that the whole front dominates up to `reference`, one number for each goal; `None` for problems 5 to 7.
    ///
    /// Each of `reference` is at least ½ for problem 1, and 1 for 2 to 4.
    pub fn hypervolume(&self, reference: &[f64]) -> Option<f64> {
        let goals = self.goals;
        let beyond = match self.kind {
            // A simplex with edges of ½: 1 / 2^M M!
            Kind::Plane => (1..=goals).fold(1.0, |volume, m| volume * 0.5 / m as f64),
            // The positive part of a ball: π^(M/2) / 2^M Γ(M/2 + 1), by the part two dimensions lower.
            Kind::Sphere | Kind::MultimodalSphere | Kind::BiasedSphere => {
                let (mut volume, mut m) = if goals.is_multiple_of(2) { (1.0, 0) } else { (1.0, 1) };
                while m < goals {
                    m += 2;
                    volume *= 0.5 * std::f64::consts::PI / m as f64;
                }
                volume
            }
            Kind::Curve | Kind::BiasedCurve | Kind::Pieces => return None,
        };
        Some(reference.iter().product::<f64>() - beyond)
    }
}

/// All points whose coordinates are multiples of 1 / `divisions` and sum to 1, in ascending order.
fn lattice(goals: usize, divisions: usize) -> Vec<f64> {
    let divisions = divisions.max(1);
    let mut parts = vec![0; goals];
    parts[goals - 1] = divisions;
    let mut points = Vec::new();
    loop {
        points.extend(parts.iter().map(|part| *part as f64 / divisions as f64));
        // The next: one part goes left, past all that are empty, and what else was there goes to the end.
        let Some(place) = (1..goals).rev().find(|place| parts[*place] > 0) else { return points };
        let rest = parts[place] - 1;
        parts[place] = 0;
        parts[place - 1] += 1;
        parts[goals - 1] = rest;
    }
}

/// `divisions` + 1 numbers evenly spaced along both [`PIECES`].
fn marks(divisions: usize) -> Vec<f64> {
    let divisions = divisions.max(1);
    let [[from, to], [second, end]] = PIECES;
    let length = (to - from) + (end - second);
    (0..=divisions)
        .map(|mark| {
            let along = length * mark as f64 / divisions as f64;
            if along <= to {
                along
            } else if mark == divisions {
                end
            } else {
                second + (along - to)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{super::*, *};
    use crate::problems::tests::by_row;

    fn dtlz(function: u64, objectives: usize) -> Dtlz {
        Dtlz::new(DtlzOptions { function, objectives, dimension: None }).unwrap()
    }

    #[test]
    fn lattices_have_all_their_points() {
        assert_eq!(lattice(2, 2), [0.0, 1.0, 0.5, 0.5, 1.0, 0.0]);
        // C(4 + 2, 2) and C(3 + 4, 4)
        for (goals, divisions, count) in [(3, 4, 15), (5, 3, 35)] {
            let points = lattice(goals, divisions);
            let points: Vec<&[f64]> = points.chunks(goals).collect();
            assert_eq!(points.len(), count);
            assert!(points.is_sorted_by(|a, b| a < b), "all are different");
            assert!(points.iter().all(|point| (point.iter().sum::<f64>() - 1.0).abs() < 1e-15));
        }
    }

    #[test]
    fn no_point_of_a_front_dominates_another_or_is_beaten_by_a_genome() {
        for function in [1, 2, 3, 4, 7] {
            for goals in [2, 3, 4] {
                let problem = dtlz(function, goals);
                let front = problem.front(8).unwrap();
                let dominates = |a: &[f64], b: &[f64]| a.iter().zip(b).all(|(a, b)| *a <= b - 1e-9);
                let points: Vec<&[f64]> = front.chunks(goals).collect();
                for a in &points {
                    let weakly = |b: &&&[f64]| a.iter().zip(**b).all(|(a, b)| a <= b);
                    assert_eq!(points.iter().filter(weakly).count(), 1, "{function} {goals}: {a:?}");
                }
                let mut genomes = problem.signature().space.genomes(200);
                let mut stream = crate::random::Stream::new(1, 0, crate::random::Purpose::Try, function);
                let best = if function == 7 { 0.0 } else { 0.5 };
                let width = genomes.shape.reals;
                for (k, x) in genomes.reals.iter_mut().enumerate() {
                    *x = if k % width < goals - 1 { stream.unit() } else { best };
                }
                for reached in by_row(&problem, &genomes).chunks(goals) {
                    assert!(points.iter().all(|point| !dominates(reached, point)), "{function} {goals}: {reached:?}");
                    let off = match function {
                        1 => reached.iter().sum::<f64>() - 0.5,
                        2..=4 => reached.iter().map(|f| f * f).sum::<f64>() - 1.0,
                        _ => 0.0,
                    };
                    assert!(off.abs() < 1e-14, "{function} {goals}: {off}");
                }
            }
        }
        assert_eq!((dtlz(5, 3).front(8), dtlz(6, 3).hypervolume(&[2.0; 3])), (None, None));
    }

    #[test]
    fn volumes_are_those_of_other_computations() {
        use std::f64::consts::PI;
        // A triangle, a pyramid; a quarter of a disc, eighths of a ball, a sixteenth of a ball of four dimensions.
        for (function, goals, beyond) in [
            (1, 2, 0.125),
            (1, 3, 1.0 / 48.0),
            (2, 2, PI / 4.0),
            (3, 3, PI / 6.0),
            (4, 4, PI * PI / 32.0),
            (2, 5, PI * PI / 60.0),
        ] {
            let found = dtlz(function, goals).hypervolume(&vec![2.0; goals]).unwrap();
            let wanted = f64::from(1 << goals) - beyond;
            assert!((found - wanted).abs() < 1e-14, "{function} {goals}: {found}, not {wanted}");
        }
    }

    #[test]
    fn what_names_no_problem_is_refused() {
        let fine = DtlzOptions { function: 1, objectives: 3, dimension: None };
        for (said, options) in [
            ("`function` must be a whole number from 1 to 7, found 8", DtlzOptions { function: 8, ..fine }),
            ("`objectives` must be a whole number from 2 to 32, found 1", DtlzOptions { objectives: 1, ..fine }),
            ("`objectives` must be a whole number from 2 to 32, found 33", DtlzOptions { objectives: 33, ..fine }),
            (
                "`dimension` must be at least 3, the number of goals, found 2",
                DtlzOptions { dimension: Dimension::new(2), ..fine },
            ),
        ] {
            assert_eq!(Dtlz::new(options).unwrap_err().to_string(), format!("option {said}"));
        }
    }
}
