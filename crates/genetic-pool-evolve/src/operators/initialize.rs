//! A random point of a space.

use crate::{
    maths,
    random::Stream,
    space::{Domain, Genomes, Parameter, Scale, Segment, Space, snap, steps},
};

/// Makes row `row` of `genomes` a uniform random point of `space`, activity mask included.
///
/// Parameters are drawn in order, whether or not they count: reals uniformly, on a log scale uniformly in their
/// logarithm, on a step uniformly over its values (on both: uniformly in the logarithm, then to the nearest value);
/// whole numbers, ordinals and choices uniformly over their values; bits evenly; permutations by the shuffle of
/// R. Durstenfeld: Algorithm 235. CACM 7(7), 1964, [doi:10.1145/364520.364540](https://doi.org/10.1145/364520.364540).
///
/// A plain real takes one word and is `low + (high - low)·unit`.
pub fn initialize(space: &Space, genomes: &mut Genomes, row: usize, stream: &mut Stream) {
    let shape = genomes.shape;
    let reals = &mut genomes.reals[row * shape.reals..][..shape.reals];
    let ints = &mut genomes.ints[row * shape.ints..][..shape.ints];
    let bits = &mut genomes.bits[row * shape.bit_words()..][..shape.bit_words()];
    let items = &mut genomes.items[row * shape.items..][..shape.items];
    bits.fill(0);
    let segments = &space.layout().segments;
    for (Parameter { domain, .. }, Segment { start, len, .. }) in space.parameters().iter().zip(segments) {
        let genes = *start..start + len;
        match domain {
            Domain::Real { low, high, scale, step } => {
                draw_reals(&mut reals[genes], *low, *high, *scale, *step, stream);
            }
            Domain::Int { low, high } => {
                let values = (high - low) as u64 + 1;
                ints[genes].fill_with(|| low + stream.below_wide(values) as i64);
            }
            Domain::Ordinal { levels } | Domain::Choice { levels } => {
                ints[genes].fill_with(|| stream.below_wide(levels.len() as u64) as i64);
            }
            Domain::Bit => draw_bits(bits, *start, *len, stream),
            Domain::Permutation { .. } => shuffle(&mut items[genes], stream),
        }
    }
    space.update_activity(genomes, row);
}

fn draw_reals(genes: &mut [f64], low: f64, high: f64, scale: Scale, step: Option<f64>, stream: &mut Stream) {
    match (scale, step) {
        // The clamp is for a range whose rounding lets the last value pass `high`.
        (Scale::Linear, None) => genes.fill_with(|| (low + (high - low) * stream.unit()).clamp(low, high)),
        (Scale::Linear, Some(step)) => {
            let last = steps(low, high, step);
            genes.fill_with(|| (low + ((last + 1.0) * stream.unit()).floor().min(last) * step).clamp(low, high));
        }
        (Scale::Log, None) => genes.fill_with(|| log_uniform(low, high, stream.unit())),
        (Scale::Log, Some(step)) => genes.fill_with(|| snap(low, high, step, log_uniform(low, high, stream.unit()))),
    }
}

fn log_uniform(low: f64, high: f64, unit: f64) -> f64 {
    let (from, to) = (maths::log2(low), maths::log2(high));
    // The square of half the power: a power beyond 2^1000 is out of `exp2`'s range, its root never is.
    let root = maths::exp2(0.5 * (from + (to - from) * unit));
    (root * root).clamp(low, high)
}

/// One word for each 64 bits, laid from bit `start` on.
fn draw_bits(bits: &mut [u64], start: usize, len: usize, stream: &mut Stream) {
    let end = start + len;
    let mut at = start;
    while at < end {
        let count = (end - at).min(64);
        let word = stream.next() & (u64::MAX >> (64 - count));
        let shift = at % 64;
        bits[at / 64] |= word << shift;
        if shift + count > 64 {
            bits[at / 64 + 1] |= word >> (64 - shift);
        }
        at += count;
    }
}

fn shuffle(items: &mut [u32], stream: &mut Stream) {
    for (item, index) in items.iter_mut().zip(0..) {
        *item = index;
    }
    for last in (1..items.len()).rev() {
        items.swap(last, stream.below(last + 1));
    }
}
