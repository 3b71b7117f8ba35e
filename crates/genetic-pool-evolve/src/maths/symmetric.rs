//! Eigenvalues and eigenvectors of symmetric matrices.

#![expect(clippy::inline_always, reason = "a body takes the instructions of its caller")]

use super::linear::{add, combine, dot};
use crate::vector::{Width, multiversion};

/// A decomposition `A = Vᵀ·diag(values)·V` and the room to make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Eigen {
    /// Ascending.
    pub values: Vec<f64>,
    /// Row `k` is the eigenvector of `values[k]`, of length 1.
    pub vectors: Vec<f64>,
    /// The matrix, reduced; its rows then hold the reflections.
    reduced: Vec<f64>,
    off_diagonal: Vec<f64>,
    scratch: Vec<f64>,
}

impl Eigen {
    /// That of the identity of order `n`.
    pub fn identity(n: usize) -> Eigen {
        let mut vectors = vec![0.0; n * n];
        vectors.iter_mut().step_by(n + 1).for_each(|value| *value = 1.0);
        Eigen {
            values: vec![1.0; n],
            vectors,
            reduced: vec![0.0; n * n],
            off_diagonal: vec![0.0; n],
            scratch: vec![0.0; 2 * n],
        }
    }

    /// Decomposes `matrix`, of the same order; its upper triangle is not read.
    ///
    /// By Householder's reflections to a tridiagonal matrix and implicit QL steps on that, in a written order. Values
    /// are off by some units in the last place of the largest. False where there is no result: for what is not finite.
    /// G. H. Golub and C. F. Van Loan: Matrix computations, 4th edition, 2013, algorithms 8.3.1 and 8.3.3.
    pub fn decompose(&mut self, width: Width, matrix: &[f64]) -> bool {
        let n = self.values.len();
        let mut largest = 0.0_f64;
        for row in 0..n {
            for column in 0..=row {
                let value = matrix[row * n + column];
                if !value.is_finite() {
                    return false;
                }
                largest = largest.max(value.abs());
                self.reduced[row * n + column] = value;
                self.reduced[column * n + row] = value;
            }
        }
        if n == 0 {
            return true;
        }
        // By a power of two, so that no square overflows and no bit is lost.
        let scale = power_of_two(largest);
        self.reduced.iter_mut().for_each(|value| *value /= scale);
        let done = decompose(
            width,
            &mut self.values,
            &mut self.vectors,
            &mut self.reduced,
            &mut self.off_diagonal,
            &mut self.scratch,
        );
        self.values.iter_mut().for_each(|value| *value *= scale);
        done
    }
}

/// The power of two at or below `x`, within the range whose inverse is a number too; 1 for 0.
fn power_of_two(x: f64) -> f64 {
    if x > 0.0 { f64::from_bits(x.to_bits() & (0x7FF << 52)).clamp(1e-300, 1e300) } else { 1.0 }
}

multiversion! {
    fn decompose(values: &mut [f64], vectors: &mut [f64], reduced: &mut [f64], off: &mut [f64], scratch: &mut [f64])
        -> bool = decompose_body;
}

#[inline(always)]
fn decompose_body(
    values: &mut [f64],
    vectors: &mut [f64],
    reduced: &mut [f64],
    off: &mut [f64],
    scratch: &mut [f64],
) -> bool {
    tridiagonalize(values, vectors, reduced, off, scratch);
    let done = diagonalize(values, vectors, off);
    sort(values, vectors);
    done
}

/// Reduces a full symmetric matrix: its diagonal goes to `diagonal`, what stands beside it to `off`, and the rows of
/// `vectors` become the basis in which it is so.
#[inline(always)]
fn tridiagonalize(diagonal: &mut [f64], vectors: &mut [f64], matrix: &mut [f64], off: &mut [f64], scratch: &mut [f64]) {
    let n = diagonal.len();
    let (product, factors) = scratch.split_at_mut(n);
    off.fill(0.0);
    for k in 0..n.saturating_sub(1) {
        let (head, tail) = matrix.split_at_mut((k + 1) * n);
        let row = &mut head[k * n..];
        diagonal[k] = row[k];
        let v = &mut row[k + 1..];
        let rest = dot(&v[1..], &v[1..]);
        factors[k] = 0.0;
        off[k] = v[0];
        if rest < 1e-290 {
            continue;
        }
        // v - alpha·e, alpha of the sign that loses no digits.
        let length = (v[0] * v[0] + rest).sqrt();
        let alpha = if v[0] > 0.0 { -length } else { length };
        off[k] = alpha;
        v[0] -= alpha;
        let factor = 2.0 / (v[0] * v[0] + rest);
        factors[k] = factor;
        // A - v·wᵀ - w·vᵀ with w = factor·(A·v) - (factor²/2)·(vᵀ·A·v)·v.
        let m = n - k - 1;
        let product = &mut product[..m];
        product.fill(0.0);
        for (value, other) in v.iter().zip(tail.chunks_exact(n)) {
            add(product, *value, &other[k + 1..]);
        }
        product.iter_mut().for_each(|value| *value *= factor);
        let half = 0.5 * factor * dot(product, v);
        add(product, -half, v);
        for (i, other) in tail.chunks_exact_mut(n).enumerate() {
            let (a, b) = (v[i], product[i]);
            for ((value, w), v) in other[k + 1..].iter_mut().zip(product.iter()).zip(v.iter()) {
                *value -= a * w + b * v;
            }
        }
    }
    diagonal[n - 1] = matrix[n * n - 1];
    // The product of the reflections, from the last on, so that each acts on a corner alone.
    vectors.fill(0.0);
    vectors.iter_mut().step_by(n + 1).for_each(|value| *value = 1.0);
    for k in (0..n.saturating_sub(1)).rev() {
        if factors[k] == 0.0 {
            continue;
        }
        let v = &matrix[k * n + k + 1..(k + 1) * n];
        let product = &mut product[..n - k - 1];
        product.fill(0.0);
        for (value, row) in v.iter().zip(vectors[(k + 1) * n..].chunks_exact(n)) {
            add(product, *value, &row[k + 1..]);
        }
        for (value, row) in v.iter().zip(vectors[(k + 1) * n..].chunks_exact_mut(n)) {
            add(&mut row[k + 1..], -factors[k] * value, product);
        }
    }
    for i in 0..n {
        for j in 0..i {
            vectors.swap(i * n + j, j * n + i);
        }
    }
}

/// Implicit QL steps with Wilkinson's shift until nothing stands beside the diagonal; the rows of `vectors` turn along.
#[inline(always)]
fn diagonalize(diagonal: &mut [f64], vectors: &mut [f64], off: &mut [f64]) -> bool {
    let n = diagonal.len();
    for low in 0..n {
        let mut steps = 0;
        loop {
            let small = |k: &usize| off[*k].abs() <= f64::EPSILON * (diagonal[*k].abs() + diagonal[*k + 1].abs());
            let high = (low..n - 1).find(small).unwrap_or(n - 1);
            if high == low {
                break;
            }
            steps += 1;
            if steps > 60 {
                return false;
            }
            // The eigenvalue of the leading 2 × 2 block that is nearer to its first entry.
            let half = (diagonal[low + 1] - diagonal[low]) / (2.0 * off[low]);
            let root = (half * half + 1.0).sqrt();
            let shift = diagonal[low] - off[low] / (half + if half < 0.0 { -root } else { root });
            let (mut sine, mut cosine, mut carried) = (1.0, 1.0, 0.0);
            let mut bulge = diagonal[high] - shift;
            let mut broke = false;
            for i in (low..high).rev() {
                let f = sine * off[i];
                let b = cosine * off[i];
                let length = (f * f + bulge * bulge).sqrt();
                off[i + 1] = length;
                if length == 0.0 {
                    // It fell apart already.
                    diagonal[i + 1] -= carried;
                    off[high] = 0.0;
                    broke = true;
                    break;
                }
                sine = f / length;
                cosine = bulge / length;
                let g = diagonal[i + 1] - carried;
                let turned = (diagonal[i] - g) * sine + 2.0 * cosine * b;
                carried = sine * turned;
                diagonal[i + 1] = g + carried;
                bulge = cosine * turned - b;
                let (first, second) = vectors[i * n..(i + 2) * n].split_at_mut(n);
                for (first, second) in first.iter_mut().zip(second) {
                    let (a, b) = (*first, *second);
                    *first = cosine * a - sine * b;
                    *second = sine * a + cosine * b;
                }
            }
            if !broke {
                diagonal[low] -= carried;
                off[low] = bulge;
                off[high] = 0.0;
            }
        }
    }
    true
}

/// Ascending by value; equal ones stay as they are.
#[inline(always)]
fn sort(values: &mut [f64], vectors: &mut [f64]) {
    let n = values.len();
    for place in 0..n {
        let mut least = place;
        for k in place + 1..n {
            if values[k] < values[least] {
                least = k;
            }
        }
        if least != place {
            values.swap(place, least);
            let (head, tail) = vectors.split_at_mut(least * n);
            head[place * n..][..n].swap_with_slice(&mut tail[..n]);
        }
    }
}

/// Writes the symmetric matrix that `values` and `vectors` decompose to `out`: `Vᵀ·diag(values)·V`.
pub fn compose(values: &[f64], vectors: &[f64], out: &mut [f64]) {
    let n = values.len();
    let mut column = vec![0.0; n];
    for i in 0..n {
        for (k, value) in values.iter().enumerate() {
            column[k] = value * vectors[k * n + i];
        }
        combine(&mut out[i * n..][..n], &column, vectors);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn symmetric(n: usize, index: u64) -> Vec<f64> {
        let mut stream = Stream::new(4, 0, Purpose::Try, index);
        let mut matrix = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let value = 2.0 * stream.unit() - 1.0;
                (matrix[i * n + j], matrix[j * n + i]) = (value, value);
            }
        }
        matrix
    }

    fn decomposed(matrix: &[f64], n: usize) -> Eigen {
        let mut eigen = Eigen::identity(n);
        assert!(eigen.decompose(Width::current(), matrix));
        eigen
    }

    /// Fails unless the rows are orthonormal and compose `matrix`, to `tolerance` of its largest value.
    fn holds(eigen: &Eigen, matrix: &[f64], tolerance: f64) {
        let n = eigen.values.len();
        assert!(eigen.values.is_sorted(), "{:?}", eigen.values);
        for i in 0..n {
            for j in 0..=i {
                let product = dot(&eigen.vectors[i * n..][..n], &eigen.vectors[j * n..][..n]);
                assert!((product - f64::from(u8::from(i == j))).abs() < 1e-13, "{n}: {i} {j} {product}");
            }
        }
        let mut back = vec![0.0; n * n];
        compose(&eigen.values, &eigen.vectors, &mut back);
        let largest = matrix.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        for (found, wanted) in back.iter().zip(matrix) {
            assert!((found - wanted).abs() <= tolerance * largest, "{n}: {found} {wanted}");
        }
    }

    #[test]
    fn random_matrices_are_composed_again() {
        for n in [1, 2, 3, 5, 8, 17, 40, 100] {
            for index in 0..5 {
                let matrix = symmetric(n, index);
                holds(&decomposed(&matrix, n), &matrix, 2e-14 * (n as f64).sqrt());
            }
        }
        assert!(Eigen::identity(0).decompose(Width::current(), &[]));
    }

    #[test]
    fn known_values_come_back() {
        let eigen = decomposed(&[2.0, 1.0, 1.0, 2.0], 2);
        assert!((eigen.values[0] - 1.0).abs() < 1e-15 && (eigen.values[1] - 3.0).abs() < 1e-15);
        assert!((eigen.vectors[2].abs() - 0.5_f64.sqrt()).abs() < 1e-15);
        // The second difference of order n: 2 - 2·cos(kπ/(n + 1)).
        let n = 12;
        let mut matrix = vec![0.0; n * n];
        for k in 0..n {
            matrix[k * n + k] = 2.0;
            if k > 0 {
                (matrix[k * n + k - 1], matrix[(k - 1) * n + k]) = (-1.0, -1.0);
            }
        }
        for (k, value) in decomposed(&matrix, n).values.iter().enumerate() {
            let wanted = 2.0 - 2.0 * (std::f64::consts::PI * (k + 1) as f64 / (n + 1) as f64).cos();
            assert!((value - wanted).abs() < 1e-14);
        }
    }

    #[test]
    fn repeated_values_and_diagonals_are_decomposed() {
        let n = 10;
        let basis = decomposed(&symmetric(n, 9), n);
        let values: Vec<f64> = (0..n).map(|k| if k < 6 { 2.0 } else { 5.0 }).collect();
        let mut matrix = vec![0.0; n * n];
        compose(&values, &basis.vectors, &mut matrix);
        let eigen = decomposed(&matrix, n);
        holds(&eigen, &matrix, 1e-14);
        assert!(eigen.values.iter().zip(&values).all(|(found, wanted)| (found - wanted).abs() < 1e-13));

        let mut diagonal = vec![0.0; n * n];
        for k in 0..n {
            diagonal[k * n + k] = [3.0, -1.0, 0.0, 3.0, 1e-200, 7.0, 7.0, 7.0, -2.0, 0.5][k];
        }
        holds(&decomposed(&diagonal, n), &diagonal, 0.0);
        holds(&decomposed(&vec![0.0; n * n], n), &vec![0.0; n * n], 0.0);
    }

    #[test]
    fn ill_conditioned_matrices_keep_their_largest_values_and_their_scale() {
        let n = 20;
        let basis = decomposed(&symmetric(n, 3), n);
        for unit in [1.0, 1e-280, 1e280] {
            let values: Vec<f64> =
                (0..n).map(|k| unit * 10.0_f64.powf(-14.0 * (n - 1 - k) as f64 / (n - 1) as f64)).collect();
            let mut matrix = vec![0.0; n * n];
            compose(&values, &basis.vectors, &mut matrix);
            let eigen = decomposed(&matrix, n);
            holds(&eigen, &matrix, 1e-14);
            for (found, wanted) in eigen.values.iter().zip(&values) {
                assert!((found - wanted).abs() < 1e-14 * unit);
            }
        }
    }

    #[test]
    fn what_is_not_finite_has_no_result() {
        for bad in [f64::NAN, f64::INFINITY] {
            assert!(!Eigen::identity(2).decompose(Width::current(), &[1.0, 0.0, bad, 1.0]));
        }
    }

    #[test]
    fn every_width_gives_the_same_bits() {
        for n in [1, 6, 33] {
            let matrix = symmetric(n, 77);
            let mut base = Eigen::identity(n);
            assert!(base.decompose(Width::BASE, &matrix));
            assert_eq!(base, decomposed(&matrix, n));
        }
    }
}
