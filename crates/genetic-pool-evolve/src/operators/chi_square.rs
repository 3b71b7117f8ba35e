//! Whether counts are what a distribution expects.

/// Fails where `counts` are further from `expected` than about one in ten thousand samples would be.
///
/// χ² with k degrees of freedom has mean k and variance 2k; its cube root is nearly normal: E. B. Wilson and
/// M. M. Hilferty: The distribution of chi-square. PNAS 17, 1931, doi:10.1073/pnas.17.12.684.
pub(crate) fn chi_square(counts: &[u64], expected: &[f64]) {
    assert_eq!(counts.len(), expected.len());
    assert!(expected.iter().all(|expected| *expected >= 5.0), "too few expected: {expected:?}");
    let sum: f64 = counts.iter().zip(expected).map(|(count, e)| (*count as f64 - e).powi(2) / e).sum();
    let freedom = (counts.len() - 1) as f64;
    let z = ((sum / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt();
    assert!(z < 3.7, "chi-square {sum} with {freedom} degrees of freedom, z {z}: {counts:?} for {expected:?}");
}
