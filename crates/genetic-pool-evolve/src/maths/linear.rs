//! Sums over vectors and matrices in a written order.
//!
//! Matrices are row-major. A sum runs in eight lanes, so that it vectorises and has the same bits at every width.

#![expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]

use crate::vector::multiversion;

/// Numbers summed side by side.
const LANES: usize = 8;

/// The scalar product of two vectors of equal length.
#[inline(always)]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let (a_rest, b_rest) = (a_chunks.remainder(), b_chunks.remainder());
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    let mut rest = 0.0;
    for (a, b) in a_rest.iter().zip(b_rest) {
        rest += a * b;
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    (((a + e) + (c + g)) + ((b + f) + (d + h))) + rest
}

/// The Euclidean length of `a`.
#[inline(always)]
pub fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// Adds `factor · x` to `y`.
#[inline(always)]
pub fn add(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// Adds four rows of `x`, each times its factor, to `y`: in the order `((y + 0) + 1) + 2) + 3`.
#[inline(always)]
pub fn add_four(y: &mut [f64], factors: [f64; 4], x: [&[f64]; 4]) {
    let n = y.len();
    let [a, b, c, d] = x;
    let (a, b, c, d) = (&a[..n], &b[..n], &c[..n], &d[..n]);
    for k in 0..n {
        y[k] = (((y[k] + factors[0] * a[k]) + factors[1] * b[k]) + factors[2] * c[k]) + factors[3] * d[k];
    }
}

/// Writes `Σ factors[k] · rows[k]` to `out`: the product of a row vector and a matrix of rows as long as `out`.
#[inline(always)]
pub fn combine(out: &mut [f64], factors: &[f64], rows: &[f64]) {
    let n = out.len();
    out.fill(0.0);
    if n == 0 {
        return;
    }
    let (fours, rest) = factors.split_at(factors.len() / 4 * 4);
    let (four_rows, rest_rows) = rows.split_at(fours.len() * n);
    for (factors, rows) in fours.chunks_exact(4).zip(four_rows.chunks_exact(4 * n)) {
        let (ab, cd) = rows.split_at(2 * n);
        let ((a, b), (c, d)) = (ab.split_at(n), cd.split_at(n));
        add_four(out, [factors[0], factors[1], factors[2], factors[3]], [a, b, c, d]);
    }
    for (factor, row) in rest.iter().zip(rest_rows.chunks_exact(n)) {
        add(out, *factor, row);
    }
}

multiversion! {
    /// `matrix ← keep·matrix + Σ factors[r]·rows[r]·rows[r]ᵀ` for a symmetric matrix of order `n`: its lower triangle, and
    /// some of what stands above, which means nothing.
    pub fn rank_update(matrix: &mut [f64], n: usize, keep: f64, factors: &[f64], rows: &[f64]) = rank_update_body;
}

#[inline(always)]
fn rank_update_body(matrix: &mut [f64], n: usize, keep: f64, factors: &[f64], rows: &[f64]) {
    // Lines end at a multiple of the vectors' width.
    let end = |a: usize| ((a + 4) / 4 * 4).min(n);
    if n == 0 {
        return;
    }
    for (a, line) in matrix.chunks_exact_mut(n).enumerate() {
        line[..end(a)].iter_mut().for_each(|value| *value *= keep);
    }
    // Some rows at a time, so that each number of the matrix is read once for all of them.
    let whole = factors.len() / 4 * 4;
    for r in (0..whole).step_by(4) {
        let row = |k: usize| &rows[(r + k) * n..][..n];
        let rows = [row(0), row(1), row(2), row(3)];
        for (a, line) in matrix.chunks_exact_mut(n).enumerate() {
            let factor = |k: usize| factors[r + k] * rows[k][a];
            add_four(&mut line[..end(a)], [factor(0), factor(1), factor(2), factor(3)], rows);
        }
    }
    for r in whole..factors.len() {
        let row = &rows[r * n..][..n];
        for (a, line) in matrix.chunks_exact_mut(n).enumerate() {
            add(&mut line[..end(a)], factors[r] * row[a], row);
        }
    }
}

/// Replaces the lower triangle of the symmetric positive definite `matrix` of order `n` by its Cholesky factor.
///
/// False, with part of it overwritten, where a pivot is not above `least`.
#[inline(always)]
pub fn cholesky(matrix: &mut [f64], n: usize, least: f64) -> bool {
    for i in 0..n {
        let (above, from) = matrix.split_at_mut(i * n);
        let row = &mut from[..n];
        for j in 0..i {
            let other = &above[j * n..][..=j];
            row[j] = (row[j] - dot(&row[..j], &other[..j])) / other[j];
        }
        let pivot = row[i] - dot(&row[..i], &row[..i]);
        if pivot.is_nan() || pivot <= least {
            return false;
        }
        row[i] = pivot.sqrt();
    }
    true
}

/// Solves `L·Lᵀ·x = b` in place of `b`, for the factor that [`cholesky`] left.
#[inline(always)]
pub fn solve(factor: &[f64], n: usize, b: &mut [f64]) {
    for i in 0..n {
        let row = &factor[i * n..][..=i];
        b[i] = (b[i] - dot(&row[..i], &b[..i])) / row[i];
    }
    for i in (0..n).rev() {
        let row = &factor[i * n..][..=i];
        let (before, at) = b.split_at_mut(i);
        at[0] /= row[i];
        add(before, -at[0], &row[..i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn random(n: usize) -> Vec<f64> {
        let mut stream = Stream::new(8, 0, Purpose::Try, n as u64);
        (0..n).map(|_| stream.unit() - 0.5).collect()
    }

    #[test]
    fn sums_are_those_of_plain_loops() {
        for n in [0, 1, 7, 8, 9, 40] {
            let (a, b) = (random(n), random(n + 1));
            let plain: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
            assert!((dot(&a, &b[..n]) - plain).abs() < 1e-14);
            let rows = random(5 * n);
            let mut out = vec![9.0; n];
            combine(&mut out, &random(5), &rows);
            for (k, found) in out.iter().enumerate() {
                let plain: f64 = (0..5).map(|row| random(5)[row] * rows[row * n + k]).sum();
                assert!((found - plain).abs() < 1e-14);
            }
        }
    }

    #[test]
    fn a_system_is_solved() {
        for n in [1, 2, 9, 30] {
            // A·Aᵀ + I is positive definite.
            let a = random(n * n);
            let mut matrix = vec![0.0; n * n];
            for i in 0..n {
                for j in 0..n {
                    matrix[i * n + j] = dot(&a[i * n..][..n], &a[j * n..][..n]) + f64::from(u8::from(i == j));
                }
            }
            let x = random(n);
            let mut b: Vec<f64> = (0..n).map(|i| dot(&matrix[i * n..][..n], &x)).collect();
            assert!(cholesky(&mut matrix, n, 0.0));
            solve(&matrix, n, &mut b);
            assert!(b.iter().zip(&x).all(|(found, wanted)| (found - wanted).abs() < 1e-12));
        }
        assert!(!cholesky(&mut [1.0, 2.0, 2.0, 1.0], 2, 0.0));
        assert!(!cholesky(&mut [f64::NAN], 1, 0.0));
    }
}
