//! Whether counts are what a distribution expects.

/// Fails where `counts` are further from `expected` than about one in ten thousand samples would be.
///
/// χ² with k degrees of freedom has mean k and variance 2k; its cube root is nearly normal: E. B. Wilson and
/// M. M. Hilferty: The distribution of chi-square. PNAS 17, 1931, doi:10.1073/pnas.17.12.684.
pub(crate) fn chi_square(counts: &[u64], expected: &[f64]) {
    assert_eq!(counts.len(), expected.len());
    assert!(expected.iter().all(|expected| *expected >= 5.0), "too few expected: {expected:?}");
    let sum: f64 = counts.iter().zip(expected).map(|(count, e)| (*count as f64 - e).powi(2) / e).sum();
    check(sum, (counts.len() - 1) as f64, &format!("{counts:?} for {expected:?}"));
}

/// Fails where `counts`, independent of each other, are further from `trials · probability` than binomial counts are.
///
/// Each has variance `trials · probability · (1 - probability)`: the sum of squares is χ² with a degree each.
pub(crate) fn binomial(counts: &[u64], trials: u64, probability: f64) {
    let mean = trials as f64 * probability;
    let variance = mean * (1.0 - probability);
    assert!(variance >= 5.0, "too few trials: {trials} of probability {probability}");
    let sum: f64 = counts.iter().map(|count| (*count as f64 - mean).powi(2) / variance).sum();
    check(sum, counts.len() as f64, &format!("{counts:?} of {trials} with probability {probability}"));
}

fn check(sum: f64, freedom: f64, what: &str) {
    let z = ((sum / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt();
    assert!(z < 3.7, "chi-square {sum} with {freedom} degrees of freedom, z {z}: {what}");
}
