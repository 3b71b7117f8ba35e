//! Candidates side by side, so that one instruction serves several.

#![expect(clippy::inline_always, reason = "bodies take the instructions of the function that calls them")]

/// One variable of `L` candidates.
pub(super) type Lanes<const L: usize> = [f64; L];

/// `terms` of each lane's two numbers.
#[inline(always)]
pub(super) fn pairwise<const L: usize>(a: Lanes<L>, b: Lanes<L>, term: impl Fn(f64, f64) -> f64) -> Lanes<L> {
    let mut result = [0.0; L];
    for k in 0..L {
        result[k] = term(a[k], b[k]);
    }
    result
}

/// Replaces each variable by `new` of it and of its `parameter`.
#[inline(always)]
pub(super) fn change<const L: usize>(x: &mut [Lanes<L>], parameters: &[f64], new: impl Fn(f64, f64) -> f64) {
    for (x, parameter) in x.iter_mut().zip(parameters) {
        for x in x {
            *x = new(*x, *parameter);
        }
    }
}

/// Adds up `term` of each variable and its `parameter`, in their order.
#[inline(always)]
pub(super) fn sum<const L: usize>(x: &[Lanes<L>], parameters: &[f64], term: impl Fn(f64, f64) -> f64) -> Lanes<L> {
    let mut sum = [0.0; L];
    for (x, parameter) in x.iter().zip(parameters) {
        for k in 0..L {
            sum[k] += term(x[k], *parameter);
        }
    }
    sum
}

/// Adds up `term` of each variable, in their order.
#[inline(always)]
pub(super) fn plain_sum<const L: usize>(x: &[Lanes<L>], term: impl Fn(f64) -> f64) -> Lanes<L> {
    let mut sum = [0.0; L];
    for x in x {
        for k in 0..L {
            sum[k] += term(x[k]);
        }
    }
    sum
}

/// Adds up `term` of each variable and the next, in their order.
#[inline(always)]
pub(super) fn neighbours<const L: usize>(x: &[Lanes<L>], term: impl Fn(f64, f64) -> f64) -> Lanes<L> {
    let mut sum = [0.0; L];
    for pair in x.windows(2) {
        for k in 0..L {
            sum[k] += term(pair[0][k], pair[1][k]);
        }
    }
    sum
}

/// `y` = `matrix`·`x`, each sum in the order of the columns.
///
/// Four rows are summed side by side: a sum waits for its last addition, and four wait no longer than one.
#[inline(always)]
pub(super) fn multiply<const L: usize>(matrix: &[f64], x: &[Lanes<L>], y: &mut [Lanes<L>]) {
    let n = x.len();
    let (fours, rest) = y.as_chunks_mut::<4>();
    let (matrix, last) = matrix.split_at(fours.len() * 4 * n);
    for (rows, y) in matrix.chunks_exact(4 * n).zip(fours) {
        let (a, rows) = rows.split_at(n);
        let (b, rows) = rows.split_at(n);
        let (c, d) = rows.split_at(n);
        let mut sums = [[0.0; L]; 4];
        for ((((x, a), b), c), d) in x.iter().zip(a).zip(b).zip(c).zip(d) {
            for k in 0..L {
                sums[0][k] += a * x[k];
                sums[1][k] += b * x[k];
                sums[2][k] += c * x[k];
                sums[3][k] += d * x[k];
            }
        }
        *y = sums;
    }
    for (row, y) in last.chunks_exact(n).zip(rest) {
        *y = sum(x, row, |x, entry| entry * x);
    }
}
