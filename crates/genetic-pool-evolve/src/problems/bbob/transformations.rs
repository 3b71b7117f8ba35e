//! The transformations of variables and of values that the functions share.

#![expect(clippy::inline_always, reason = "a call that is not inlined keeps a loop from vectorising")]

use super::lanes::{Lanes, change, plain_sum};
use crate::maths;

/// sin x of an angle in radians.
#[inline(always)]
pub(super) fn sin(x: f64) -> f64 {
    maths::sin_pi(x * std::f64::consts::FRAC_1_PI)
}

/// `T_osz`: smooth, small oscillations around the identity, other ones below 0 than above.
#[inline(always)]
pub(super) fn oscillate(x: f64) -> f64 {
    let logarithm = maths::ln(x.abs());
    let (first, second) = if x > 0.0 { (10.0, 7.9) } else { (5.5, 3.1) };
    let ripple = 0.049 * (sin(first * logarithm) + sin(second * logarithm));
    let size = maths::copysign(maths::exp(logarithm + ripple), x);
    if x == 0.0 { x } else { size }
}

/// `T_asy`: positive variables to the power 1 + `strength`·√x, `strength` being β·i / (n - 1).
#[inline(always)]
pub(super) fn bend(x: f64, strength: f64) -> f64 {
    let power = x * maths::exp(strength * x.abs().sqrt() * maths::ln(x.abs()));
    if x > 0.0 { power } else { x }
}

/// `T_osz` of each variable.
#[inline(always)]
pub(super) fn oscillate_all<const L: usize>(x: &mut [Lanes<L>]) {
    for x in x {
        for x in x {
            *x = oscillate(*x);
        }
    }
}

/// `T_asy` of each variable, with `beta`.
#[inline(always)]
pub(super) fn bend_all<const L: usize>(x: &mut [Lanes<L>], beta: f64) {
    let last = x.len() as f64 - 1.0;
    for (i, x) in x.iter_mut().enumerate() {
        let strength = beta * i as f64 / last;
        for x in x {
            *x = bend(*x, strength);
        }
    }
}

/// What x is from the optimum.
#[inline(always)]
pub(super) fn subtract<const L: usize>(x: &mut [Lanes<L>], x_opt: &[f64]) {
    change(x, x_opt, |x, x_opt| x - x_opt);
}

/// `f_pen`: the sum of squares of what is out of \[-5, 5\].
#[inline(always)]
pub(super) fn penalty<const L: usize>(x: &[Lanes<L>]) -> Lanes<L> {
    plain_sum(x, |x| {
        let beyond = maths::max(x.abs() - 5.0, 0.0);
        beyond * beyond
    })
}
