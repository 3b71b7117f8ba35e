//! Rotations of the variables, so that no axis is special.

use super::lanes::{Lanes, change, gather, multiply};
use crate::{
    maths,
    random::Stream,
    vector::{Width, multiversion},
};

/// R (x - centre), with R drawn uniformly from all orthogonal matrices.
#[derive(Clone, Debug)]
pub(super) struct Rotation {
    /// R, row by row.
    matrix: Vec<f64>,
    pub(super) centre: Vec<f64>,
}

impl Rotation {
    /// The most variables a rotation takes: its matrix is dense.
    pub(super) const MAX_DIMENSION: usize = 1000;

    /// Draws one about `centre`.
    pub(super) fn about(centre: Vec<f64>, stream: &mut Stream) -> Rotation {
        let n = centre.len();
        let mut normal = || (-2.0 * maths::ln(stream.unit())).sqrt() * maths::cos_pi(2.0 * stream.unit());
        Rotation { matrix: orthonormal((0..n * n).map(|_| normal()).collect(), n), centre }
    }

    /// Each of the rows `reals`, less `centre` and rotated.
    pub(super) fn rotate(&self, reals: &[f64]) -> Vec<f64> {
        let mut rotated = vec![0.0; reals.len()];
        rotate(Width::current(), self, reals, &mut rotated);
        rotated
    }
}

multiversion! {
    fn rotate(rotation: &Rotation, reals: &[f64], rotated: &mut [f64]) = rotate_body;
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn rotate_body(rotation: &Rotation, reals: &[f64], rotated: &mut [f64]) {
    if reals.len() == rotation.centre.len() {
        rotate_side_by_side::<1>(rotation, reals, rotated);
    } else {
        rotate_side_by_side::<8>(rotation, reals, rotated);
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]
fn rotate_side_by_side<const L: usize>(rotation: &Rotation, reals: &[f64], rotated: &mut [f64]) {
    let Rotation { matrix, centre } = rotation;
    let n = centre.len();
    let mut buffer = vec![[0.0; L]; 2 * n];
    let (x, z): (&mut [Lanes<L>], &mut [Lanes<L>]) = buffer.split_at_mut(n);
    for (rows, rotated) in reals.chunks(L * n).zip(rotated.chunks_mut(L * n)) {
        gather(rows, x);
        change(x, centre, |x, centre| x - centre);
        multiply(matrix, x, z);
        for (k, row) in rotated.chunks_exact_mut(n).enumerate() {
            for (value, z) in row.iter_mut().zip(&*z) {
                *value = z[k];
            }
        }
    }
}

/// `columns`, each `dimension` long, made orthonormal one after the other, as a matrix row by row.
///
/// Columns of normal variates become a uniformly distributed rotation (perhaps with a reflection).
pub(super) fn orthonormal(mut columns: Vec<f64>, dimension: usize) -> Vec<f64> {
    for i in 0..dimension {
        let (before, column) = columns.split_at_mut(i * dimension);
        let column = &mut column[..dimension];
        for other in before.chunks_exact(dimension) {
            let along = column.iter().zip(other).fold(0.0, |sum, (a, b)| sum + a * b);
            column.iter_mut().zip(other).for_each(|(a, b)| *a -= along * b);
        }
        let length = column.iter().fold(0.0, |sum, a| sum + a * a).sqrt();
        for entry in column {
            *entry /= length;
        }
    }
    (0..dimension * dimension).map(|k| columns[k % dimension * dimension + k / dimension]).collect()
}
