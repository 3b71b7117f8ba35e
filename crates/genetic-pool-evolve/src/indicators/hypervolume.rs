//! Hypervolume: how much a set of points dominates.

/// The measure of all that `points` dominate and that dominates `reference`, exactly; `None` beyond
/// [`Hypervolume::MOST_GOALS`] goals.
///
/// `points` are rows of as many objectives as `reference` has; smaller is better. A point that is not better than the
/// reference in every goal counts for nothing, as does one that another dominates or equals: the result is a function of
/// the set, to the last bit. It is infinite where a point that counts, or the reference, is.
///
/// E. Zitzler and L. Thiele: Multiobjective optimization using evolutionary algorithms: a comparative case study. PPSN V,
/// 1998, [doi:10.1007/BFb0056872](https://doi.org/10.1007/BFb0056872).
pub fn hypervolume(points: &[f64], reference: &[f64]) -> Option<f64> {
    Hypervolume::default().of(points, reference)
}

/// Computes [`hypervolume`], with the room it works in.
///
/// With two goals a sweep, O(n log n). With three a sweep over the third that keeps the staircase of the first two,
/// O(n log n) comparisons: C. M. Fonseca, L. Paquete and M. López-Ibáñez: An improved dimension-sweep algorithm for the
/// hypervolume indicator. CEC 2006, [doi:10.1109/CEC.2006.1688440](https://doi.org/10.1109/CEC.2006.1688440). With more,
/// slices along the last goal, each as thick as its point and as large as what that point adds to those before it, which
/// is a box less the hypervolume of the others within the box, one goal less: L. While, L. Bradstreet and L. Barone: A
/// fast way of calculating exact hypervolumes. IEEE TEC 16(1), 2012,
/// [doi:10.1109/TEVC.2010.2077298](https://doi.org/10.1109/TEVC.2010.2077298). That is O(n² log n) with four goals; with
/// six a few hundred points are what a second allows.
#[derive(Clone, Debug, Default)]
pub struct Hypervolume {
    /// The staircase: the first gain ascends, the second descends.
    steps: Vec<[f64; 2]>,
    /// Room for sets of points.
    spare: Vec<Vec<Gains>>,
}

/// How far a point is better than the reference, goal by goal; 0 from the last goal on.
type Gains = [f64; Hypervolume::MOST_GOALS];

impl Hypervolume {
    /// The most goals.
    pub const MOST_GOALS: usize = 6;

    /// As [`hypervolume`] says.
    pub fn of(&mut self, points: &[f64], reference: &[f64]) -> Option<f64> {
        let goals = reference.len();
        if goals > Hypervolume::MOST_GOALS {
            return None;
        }
        if goals == 0 {
            return Some(0.0);
        }
        let mut set = self.set();
        set.extend(
            points.chunks_exact(goals).map(|point| gains(point, reference)).filter(|gains| counts(gains, goals)),
        );
        let volume = if set.iter().any(infinite) { f64::INFINITY } else { self.volume(&mut set, goals) };
        self.spare.push(set);
        Some(volume)
    }

    /// By point: by how much the hypervolume were less without it, 0 where another dominates or equals it; `None` beyond
    /// [`Hypervolume::MOST_GOALS`] goals. O(n) times what the hypervolume takes.
    pub fn contributions(&mut self, points: &[f64], reference: &[f64]) -> Option<Vec<f64>> {
        let goals = reference.len();
        if goals > Hypervolume::MOST_GOALS {
            return None;
        }
        if goals == 0 {
            return Some(Vec::new());
        }
        let all: Vec<Gains> = points.chunks_exact(goals).map(|point| gains(point, reference)).collect();
        let contribution = |(row, own): (usize, &Gains)| {
            if !counts(own, goals) {
                return 0.0;
            }
            let others = all.iter().enumerate().filter(|(other, gains)| *other != row && counts(gains, goals));
            let others: Vec<Gains> = others.map(|(_, gains)| *gains).collect();
            if infinite(own) {
                let covered = others.iter().any(|other| covers(other, own, goals));
                return if covered { 0.0 } else { f64::INFINITY };
            }
            self.added(own, &others, goals)
        };
        Some(all.iter().enumerate().map(contribution).collect())
    }

    /// What `own` adds to `others`.
    fn added(&mut self, own: &Gains, others: &[Gains], goals: usize) -> f64 {
        let mut within = self.set();
        let mut covered = false;
        for other in others {
            let limited = lesser(own, other);
            covered |= limited[..goals] == own[..goals];
            within.push(limited);
        }
        let added = if covered {
            0.0
        } else {
            if goals > 3 {
                keep_maximal(&mut within, goals);
            }
            let mut box_volume = 1.0;
            own[..goals].iter().for_each(|gain| box_volume *= gain);
            // Two numbers that are nearly equal may round to the wrong side of each other.
            (box_volume - self.volume(&mut within, goals)).max(0.0)
        };
        self.spare.push(within);
        added
    }

    /// The hypervolume of `set`, which is left in another order.
    fn volume(&mut self, set: &mut [Gains], goals: usize) -> f64 {
        match goals {
            1 => set.iter().fold(0.0, |most: f64, gains| most.max(gains[0])),
            2 => area(set),
            3 => self.sweep(set),
            _ => self.slices(set, goals),
        }
    }

    fn sweep(&mut self, set: &mut [Gains]) -> f64 {
        sort_descending(set, 2);
        self.steps.clear();
        let mut volume = 0.0;
        for [x, y, z, ..] in set.iter().copied() {
            volume += self.widen(x, y) * z;
        }
        volume
    }

    /// Adds the corner (x, y) to the staircase; by how much its area grows.
    fn widen(&mut self, x: f64, y: f64) -> f64 {
        let steps = &mut self.steps;
        let at_least = steps.partition_point(|step| step[0] < x);
        if steps.get(at_least).is_some_and(|step| step[1] >= y) {
            return 0.0;
        }
        let end = at_least + usize::from(steps.get(at_least).is_some_and(|step| step[0] == x));
        // From the new corner to the left, over the steps it covers: how high they are, and from where on.
        let mut height = steps.get(end).map_or(0.0, |step| step[1]);
        let (mut right, mut start, mut area) = (x, end, 0.0);
        while start > 0 && steps[start - 1][1] <= y {
            start -= 1;
            area += (right - steps[start][0]) * (y - height);
            [right, height] = steps[start];
        }
        let left = if start > 0 { steps[start - 1][0] } else { 0.0 };
        area += (right - left) * (y - height);
        steps.splice(start..end, [[x, y]]);
        area
    }

    fn slices(&mut self, set: &mut [Gains], goals: usize) -> f64 {
        sort_descending(set, goals - 1);
        let mut volume = 0.0;
        for (row, own) in set.iter().enumerate() {
            volume += self.added(own, &set[..row], goals - 1) * own[goals - 1];
        }
        volume
    }

    fn set(&mut self) -> Vec<Gains> {
        let mut set = self.spare.pop().unwrap_or_default();
        set.clear();
        set
    }
}

fn gains(point: &[f64], reference: &[f64]) -> Gains {
    let mut gains = Gains::default();
    for ((gain, value), reference) in gains.iter_mut().zip(point).zip(reference) {
        *gain = reference - value;
    }
    gains
}

fn counts(gains: &Gains, goals: usize) -> bool {
    gains[..goals].iter().all(|gain| *gain > 0.0)
}

fn infinite(gains: &Gains) -> bool {
    gains.contains(&f64::INFINITY)
}

fn covers(a: &Gains, b: &Gains, goals: usize) -> bool {
    a[..goals].iter().zip(b).all(|(a, b)| a >= b)
}

#[inline]
fn lesser(a: &Gains, b: &Gains) -> Gains {
    std::array::from_fn(|goal| a[goal].min(b[goal]))
}

/// Sorts by `goal`, then by the others: equal sets become equal sequences.
fn sort_descending(set: &mut [Gains], goal: usize) {
    set.sort_unstable_by(|a, b| b[goal].total_cmp(&a[goal]).then_with(|| compare(b, a)));
}

fn compare(a: &Gains, b: &Gains) -> std::cmp::Ordering {
    a.iter().zip(b).map(|(a, b)| a.total_cmp(b)).fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
}

fn area(set: &mut [Gains]) -> f64 {
    sort_descending(set, 0);
    let (mut area, mut height) = (0.0, 0.0);
    for [x, y, ..] in set.iter() {
        if *y > height {
            area += x * (y - height);
            height = *y;
        }
    }
    area
}

/// Drops points that another covers, in an order that follows from the set.
fn keep_maximal(set: &mut Vec<Gains>, goals: usize) {
    // Whoever covers another stands before it.
    set.sort_unstable_by(|a, b| compare(b, a));
    let mut kept = 0;
    for row in 0..set.len() {
        if !set[..kept].iter().any(|other| covers(other, &set[row], goals)) {
            set[kept] = set[row];
            kept += 1;
        }
    }
    set.truncate(kept);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn random(stream: &mut Stream, n: usize, goals: usize) -> Vec<f64> {
        (0..n * goals).map(|_| stream.unit()).collect()
    }

    /// Inclusion and exclusion: what the points dominate alone, less what pairs do, plus what triples do, …
    fn by_inclusion_and_exclusion(points: &[f64], reference: &[f64]) -> f64 {
        let goals = reference.len();
        let n = points.len() / goals;
        let mut sum = 0.0;
        for subset in 1_usize..1 << n {
            let mut volume = 1.0;
            for goal in 0..goals {
                let chosen = (0..n).filter(|row| subset >> row & 1 == 1);
                let worst = chosen.map(|row| points[row * goals + goal]).fold(f64::MIN, f64::max);
                volume *= (reference[goal] - worst).max(0.0);
            }
            sum += if subset.count_ones() % 2 == 1 { volume } else { -volume };
        }
        sum
    }

    #[test]
    fn volumes_and_contributions_are_those_of_inclusion_and_exclusion() {
        let mut stream = Stream::new(45, 0, Purpose::Try, 0);
        for round in 0..300 {
            let goals = 1 + round % 6;
            let n = stream.below(9);
            // In every second round coordinates tie; some are beyond the reference.
            let mut points = random(&mut stream, n, goals);
            if round % 2 == 0 {
                points.iter_mut().for_each(|value| *value = (*value * 5.0).round() / 4.0);
            }
            let reference = vec![1.0; goals];
            let expected = by_inclusion_and_exclusion(&points, &reference);
            let mut volumes = Hypervolume::default();
            let found = volumes.of(&points, &reference).unwrap();
            assert!((found - expected).abs() < 1e-12, "{points:?}: {found} instead of {expected}");
            for (row, contribution) in volumes.contributions(&points, &reference).unwrap().into_iter().enumerate() {
                let mut rest = points.clone();
                rest.drain(row * goals..(row + 1) * goals);
                let without = by_inclusion_and_exclusion(&rest, &reference);
                assert!((contribution - (expected - without)).abs() < 1e-12, "{points:?} without {row}");
            }
        }
    }

    #[test]
    fn it_is_a_function_of_the_set_to_the_last_bit() {
        let mut stream = Stream::new(46, 0, Purpose::Try, 0);
        for round in 0..60 {
            let goals = 2 + round % 5;
            let n = 1 + stream.below(25);
            let points = random(&mut stream, n, goals);
            let reference = vec![0.9; goals];
            let volume = hypervolume(&points, &reference).unwrap();

            let mut rows: Vec<&[f64]> = points.chunks_exact(goals).collect();
            for last in (1..rows.len()).rev() {
                rows.swap(last, stream.below(last + 1));
            }
            assert_eq!(hypervolume(&rows.concat(), &reference).unwrap().to_bits(), volume.to_bits());

            // Equals add nothing, nor do those that are dominated or beyond the reference; and nothing takes away.
            rows.push(rows[0]);
            assert_eq!(hypervolume(&rows.concat(), &reference).unwrap().to_bits(), volume.to_bits());
            let worse: Vec<f64> = rows[0].iter().map(|value| value + 0.1 * stream.unit()).collect();
            let beyond: Vec<f64> = (0..goals).map(|goal| if goal == 0 { 0.9 } else { 0.1 * stream.unit() }).collect();
            for more in [worse, beyond] {
                let all = [points.as_slice(), &more].concat();
                let again = hypervolume(&all, &reference).unwrap();
                assert!((again - volume).abs() <= 1e-14, "{again} and {volume}");
            }
            let better = random(&mut stream, 1, goals);
            let more = hypervolume(&[points, better].concat(), &reference).unwrap();
            assert!(more >= volume - 1e-15);
        }
    }

    #[test]
    fn infinities_and_too_many_goals() {
        let inf = f64::INFINITY;
        assert_eq!(hypervolume(&[-inf, 0.5, 0.2, 0.2], &[1.0, 1.0]), Some(inf));
        assert_eq!(hypervolume(&[-inf, 1.5, 0.5, 0.5], &[1.0, 1.0]), Some(0.25));
        assert_eq!(hypervolume(&[inf, 0.0, f64::NAN, 0.0], &[1.0, 1.0]), Some(0.0));
        assert_eq!(
            Hypervolume::default().contributions(&[-inf, 0.5, 0.25, 0.25], &[1.0, 1.0]),
            Some(vec![inf, 0.1875])
        );
        assert_eq!(hypervolume(&[0.0; 7], &[1.0; 7]), None);
        assert_eq!(Hypervolume::default().contributions(&[0.0; 7], &[1.0; 7]), None);
        assert_eq!(hypervolume(&[], &[1.0; 3]), Some(0.0));
        assert_eq!(hypervolume(&[0.25; 6], &[1.0; 6]), Some(0.75 * 0.75 * 0.75 * 0.75 * 0.75 * 0.75));
    }
}
