//! IGD+: how far a set of points is from a front.

/// The mean, over the rows of `front`, of the distance from each to the nearest of `points`, counting only goals in which
/// the point is the worse one; `None` where either is empty.
///
/// Both are rows of `goals` objectives; smaller is better. Less is better, and a set that dominates another has no more.
/// H. Ishibuchi, H. Masuda, Y. Tanigaki and Y. Nojima: Modified distance calculation in generational distance and inverted
/// generational distance. EMO 2015, [doi:10.1007/978-3-319-15892-1_8](https://doi.org/10.1007/978-3-319-15892-1_8).
pub fn inverted_generational_distance_plus(points: &[f64], front: &[f64], goals: usize) -> Option<f64> {
    if goals == 0 || points.len() < goals || front.len() < goals {
        return None;
    }
    let (mut sum, mut rows) = (0.0, 0);
    for wanted in front.chunks_exact(goals) {
        let mut nearest = f64::INFINITY;
        for point in points.chunks_exact(goals) {
            let mut square = 0.0;
            for (value, wanted) in point.iter().zip(wanted) {
                let worse = (value - wanted).max(0.0);
                square += worse * worse;
            }
            nearest = nearest.min(square);
        }
        sum += nearest.sqrt();
        rows += 1;
    }
    Some(sum / f64::from(rows))
}

#[cfg(test)]
mod tests {
    use super::inverted_generational_distance_plus as igd_plus;

    #[test]
    fn only_what_is_worse_counts() {
        // To (0, 1): (3, 1) is 3 off, (4, 5) is 5 off by a right triangle of 4 and 4, less than by none. To (2, 2): (3, 1).
        assert_eq!(igd_plus(&[3.0, 1.0, 4.0, 5.0], &[0.0, 1.0, 2.0, 2.0], 2), Some(2.0));
        // A triangle of 3 and 4.
        assert_eq!(igd_plus(&[3.0, 4.0], &[0.0, 0.0], 2), Some(5.0));
        assert_eq!(igd_plus(&[-1.0, -1.0], &[0.0, 0.0], 2), Some(0.0));
        assert_eq!(igd_plus(&[], &[0.0, 0.0], 2), None);
        assert_eq!(igd_plus(&[0.0, 0.0], &[], 2), None);
    }

    #[test]
    fn order_and_dominated_points_change_nothing() {
        let front = [0.0, 3.0, 1.0, 1.0, 3.0, 0.0];
        let distance = igd_plus(&[0.5, 3.0, 2.0, 1.5], &front, 2);
        assert_eq!(igd_plus(&[2.0, 1.5, 0.5, 3.0], &front, 2), distance);
        assert_eq!(igd_plus(&[0.5, 3.0, 2.0, 1.5, 2.0, 1.75], &front, 2), distance);
        assert!(igd_plus(&[0.5, 2.0, 2.0, 1.5], &front, 2) < distance);
    }
}
