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
/// whole numbers, ordinals and choices uniformly over their values; bits evenly; permutations and sequences by the shuffle of
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
            Domain::Permutation { .. } => {
                let items = &mut items[genes];
                items.iter_mut().zip(0..).for_each(|(item, value)| *item = value);
                shuffle(items, stream);
            }
            Domain::Sequence { counts } => {
                let items = &mut items[genes];
                let values = (0..).zip(counts).flat_map(|(value, count)| std::iter::repeat_n(value, *count as usize));
                items.iter_mut().zip(values).for_each(|(item, value)| *item = value);
                shuffle(items, stream);
            }
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
    for last in (1..items.len()).rev() {
        items.swap(last, stream.below(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::initialize;
    use crate::{
        operators::{binomial, chi_square},
        random::{Purpose, Stream},
        space::{Condition, Domain, Genomes, Level, Parameter, Scale, Space, snap},
    };

    fn stream(index: u64) -> Stream {
        Stream::new(11, 0, Purpose::Initialize, index)
    }

    fn space(parameters: Vec<Parameter>) -> Space {
        Space::new(parameters).unwrap()
    }

    /// `n` points of `space`, one stream each.
    fn points(space: &Space, n: usize) -> Genomes {
        let mut genomes = space.genomes(n);
        for row in 0..n {
            initialize(space, &mut genomes, row, &mut stream(row as u64));
        }
        genomes
    }

    fn one(domain: Domain) -> Space {
        space(vec![Parameter::new("x", domain)])
    }

    #[test]
    fn plain_reals_are_the_units_of_the_stream() {
        let space = space(vec![
            Parameter::new("x", Domain::real(-5.12, 5.12)).len(3),
            Parameter::new("y", Domain::real(0.0, 1e-3)),
        ]);
        let mut genomes = space.genomes(1);
        initialize(&space, &mut genomes, 0, &mut stream(4));
        let mut stream = stream(4);
        let mut expected: Vec<f64> = (0..3).map(|_| -5.12 + 10.24 * stream.unit()).collect();
        expected.push(1e-3 * stream.unit());
        assert_eq!(genomes.reals, expected);
    }

    #[test]
    fn log_scaled_reals_are_uniform_in_the_logarithm() {
        // One in six to each decade of six.
        let real = Domain::Real { low: 1e-4, high: 1e2, scale: Scale::Log, step: None };
        let mut counts = vec![0; 6];
        for value in points(&one(real), 12_000).reals {
            counts[(value.log10() + 4.0) as usize] += 1;
        }
        chi_square(&counts, &[2000.0; 6]);
    }

    #[test]
    fn the_widest_log_scale_stays_within_its_bounds() {
        let real = Domain::Real { low: f64::MIN_POSITIVE, high: 1e308, scale: Scale::Log, step: None };
        let reals = points(&one(real), 10_000).reals;
        assert!(reals.iter().all(|value| (f64::MIN_POSITIVE..=1e308).contains(value)));
        assert!(reals.iter().any(|value| *value < 1e-290) && reals.iter().any(|value| *value > 1e290));
    }

    #[test]
    fn stepped_reals_are_uniform_over_the_steps() {
        // 0, 0.1, 0.2, 0.3: the last one too, although (0.3 - 0)/0.1 rounds to less than 3.
        let real = Domain::Real { low: 0.0, high: 0.3, scale: Scale::Linear, step: Some(0.1) };
        let mut counts = vec![0; 4];
        for value in points(&one(real), 8000).reals {
            let step = (value / 0.1).round();
            assert_eq!(value, (step * 0.1).min(0.3));
            counts[step as usize] += 1;
        }
        chi_square(&counts, &[2000.0; 4]);
    }

    #[test]
    fn whole_numbers_and_levels_are_uniform() {
        let levels: Vec<Level> = (0..5).map(Level::Int).collect();
        let space = space(vec![
            Parameter::new("int", Domain::Int { low: -2, high: 2 }),
            Parameter::new("ordinal", Domain::Ordinal { levels: levels.clone() }),
            Parameter::new("choice", Domain::Choice { levels }),
        ]);
        let genomes = points(&space, 5000);
        for (gene, low) in [-2, 0, 0].into_iter().enumerate() {
            let mut counts = vec![0; 5];
            for row in genomes.ints.chunks(3) {
                counts[(row[gene] - low) as usize] += 1;
            }
            chi_square(&counts, &[1000.0; 5]);
        }
    }

    #[test]
    fn the_widest_whole_numbers_are_drawn_evenly() {
        let low = -(1 << 52);
        let space = one(Domain::Int { low, high: 1 << 52 });
        let mut counts = vec![0; 8];
        for value in points(&space, 8000).ints {
            counts[((value - low) >> 50).min(7) as usize] += 1;
        }
        chi_square(&counts, &[1000.0; 8]);
    }

    #[test]
    fn every_bit_is_even_wherever_its_parameter_begins() {
        let space = space(vec![
            Parameter::new("a", Domain::Bit).len(60),
            Parameter::new("b", Domain::Bit).len(70),
            Parameter::new("c", Domain::Bit),
        ]);
        let genomes = points(&space, 2000);
        let mut counts = vec![0_u64; 131];
        for row in genomes.bits.chunks(3) {
            assert_eq!(row[2] >> 3, 0, "bits past the last stay 0");
            for (bit, count) in counts.iter_mut().enumerate() {
                *count += row[bit / 64] >> (bit % 64) & 1;
            }
        }
        binomial(&counts, 2000, 0.5);
    }

    #[test]
    fn all_orders_of_four_items_are_alike() {
        let genomes = points(&one(Domain::Permutation { size: 4 }), 12_000);
        let mut orders = std::collections::BTreeMap::<&[u32], u64>::new();
        for row in genomes.items.chunks(4) {
            *orders.entry(row).or_default() += 1;
        }
        assert_eq!(orders.len(), 24);
        chi_square(&orders.into_values().collect::<Vec<_>>(), &[500.0; 24]);
    }

    #[test]
    fn all_orders_of_a_sequence_are_alike() {
        // Value 0 twice, 2 once, 3 twice: 5!/(2!·2!) = 30 orders.
        let genomes = points(&one(Domain::Sequence { counts: vec![2, 0, 1, 2] }), 15_000);
        let mut orders = std::collections::BTreeMap::<&[u32], u64>::new();
        for row in genomes.items.chunks(5) {
            *orders.entry(row).or_default() += 1;
        }
        assert_eq!(orders.len(), 30);
        chi_square(&orders.into_values().collect::<Vec<_>>(), &[500.0; 30]);
    }

    #[test]
    fn the_activity_mask_is_computed() {
        let mut gap = Parameter::new("gap", Domain::real(0.0, 1.0));
        gap.when.push(Condition { parameter: "flap".into(), is: vec![Level::Bool(true)] });
        let space = space(vec![Parameter::new("flap", Domain::Bit), gap]);
        let genomes = points(&space, 100);
        for row in 0..100 {
            assert_eq!(genomes.active[row], 1 | genomes.bits[row] << 1);
        }
    }

    #[test]
    fn an_empty_space_draws_nothing() {
        let space = space(Vec::new());
        initialize(&space, &mut space.genomes(1), 0, &mut stream(0));
    }

    proptest! {
        #[test]
        fn a_real_is_a_value_of_its_domain(
            low in -1e6..1e6_f64, range in 1e-6..1e6_f64, parts in proptest::option::of(1.0..100.0_f64), log: bool, index: u64,
        ) {
            let low = if log { low.abs() + 1e-9 } else { low };
            let high = low + range;
            prop_assume!(high > low);
            let step = parts.map(|parts| ((high - low) / parts).min(high - low)).filter(|step| *step > 0.0);
            let scale = if log { Scale::Log } else { Scale::Linear };
            let space = one(Domain::Real { low, high, scale, step });
            let mut genomes = space.genomes(3);
            initialize(&space, &mut genomes, 1, &mut stream(index));
            prop_assert_eq!((genomes.reals[0], genomes.reals[2]), (0.0, 0.0));
            let value = genomes.reals[1];
            prop_assert!((low..=high).contains(&value));
            if let Some(step) = step {
                prop_assert_eq!(snap(low, high, step, value), value);
            }
        }
    }
}
