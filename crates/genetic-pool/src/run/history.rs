//! What is recorded of a generation.

use genetic_pool_evolve::algorithms::{Population, order_key};

/// Whether the history holds `generation`: the first 1,024 all, then 512 for each doubling of their number.
///
/// So a run of very many short generations costs little to record and its history can still be read; which generations
/// it holds is the same for every run.
pub(super) fn is_recorded(generation: u64) -> bool {
    let doublings = (generation / 512).max(1).ilog2();
    generation.is_multiple_of(1 << doublings)
}

/// Figures of the first objective over the candidates that could be evaluated; NaN where there are none.
pub(super) struct Figures {
    pub(super) mean: f64,
    pub(super) median: f64,
    pub(super) worst: f64,
    pub(super) spread: f64,
}

impl Figures {
    /// Of `population`; `keys` is room to find the median in.
    pub(super) fn of(population: &Population, keys: &mut Vec<u64>) -> Figures {
        let width = population.outcomes.shape.objectives;
        let objectives = population.outcomes.objectives.iter().step_by(width.max(1));
        keys.clear();
        let (mut sum, mut least, mut greatest) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
        for value in objectives.filter(|value| !value.is_nan()) {
            sum += *value;
            least = least.min(*value);
            greatest = greatest.max(*value);
            keys.push(order_key(*value));
        }
        if keys.is_empty() {
            return Figures { mean: f64::NAN, median: f64::NAN, worst: f64::NAN, spread: f64::NAN };
        }
        let middle = keys.len() / 2;
        let median = *keys.select_nth_unstable(middle).1;
        let worst = population.ranks.iter().zip(population.outcomes.objectives.iter().step_by(width));
        let worst =
            worst.filter(|(_, value)| !value.is_nan()).max_by_key(|(rank, _)| **rank).map_or(f64::NAN, |w| *w.1);
        Figures { mean: sum / keys.len() as f64, median: value_of(median), worst, spread: greatest - least }
    }
}

/// The number whose [`order_key`] is `key`.
fn value_of(key: u64) -> f64 {
    let sign = if key >> 63 == 1 { 1 << 63 } else { u64::MAX };
    f64::from_bits(key ^ sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_history_holds_all_of_short_runs_and_enough_of_long_ones() {
        assert!((0..1024).all(is_recorded));
        let recorded = |end: u64| (0..end).filter(|generation| is_recorded(*generation)).count();
        assert_eq!(recorded(2048), 1024 + 512);
        assert_eq!(recorded(1 << 20), 1024 + 10 * 512);
    }

    #[test]
    fn keys_and_numbers_turn_into_each_other() {
        for value in [0.0, -0.0, 1.5, -2.25, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE] {
            assert_eq!(value_of(order_key(value)).to_bits(), value.to_bits());
        }
    }
}
