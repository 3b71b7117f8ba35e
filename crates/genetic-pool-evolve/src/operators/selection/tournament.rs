//! Tournament selection.

use crate::random::below;

/// The best of `size` contestants drawn uniformly, with replacement, from `n` candidates.
///
/// A. Brindle: Genetic algorithms for function optimization. `PhD` thesis, University of Alberta, 1980; analysed by
/// D. E. Goldberg and K. Deb: A comparative analysis of selection schemes used in genetic algorithms. FOGA 1, 1991,
/// [doi:10.1016/B978-0-08-050684-5.50008-2](https://doi.org/10.1016/B978-0-08-050684-5.50008-2).
///
/// `size` and `n` are at least 1; `better(a, b)` says whether contestant `a` beats `b`, and decides every pair of
/// different candidates one way. `draw` gives random words: one for two contestants, upper half first.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs as much as the tournament")]
pub fn tournament(
    size: usize,
    n: usize,
    mut draw: impl FnMut() -> u64,
    better: impl Fn(usize, usize) -> bool,
) -> usize {
    let mut winner = 0;
    for (round, rest) in (0..size).step_by(2).map(|round| (round, size - round)) {
        let word = draw();
        let contestants = [below((word >> 32) as u32, n), below(word as u32, n)];
        if round == 0 || better(contestants[0], winner) {
            winner = contestants[0];
        }
        if rest > 1 && better(contestants[1], winner) {
            winner = contestants[1];
        }
    }
    winner
}

#[cfg(test)]
mod tests {
    use super::tournament;
    use crate::{
        operators::chi_square,
        random::{Purpose, Stream},
    };

    #[test]
    fn pressure_is_that_of_the_best_of_several() {
        // The winner's place is at least r + 1 of n where all contestants' are: ((n - r) / n)^size. So the place r wins
        // with probability ((n - r) / n)^size - ((n - r - 1) / n)^size.
        const N: usize = 10;
        const DRAWS: usize = 200_000;
        for size in 1..=4 {
            let mut stream = Stream::new(3, 0, Purpose::Mate, size as u64);
            let mut wins = [0; N];
            for _ in 0..DRAWS {
                wins[tournament(size, N, || stream.next(), |a, b| a < b)] += 1;
            }
            let at_least = |place: usize| ((N - place) as f64 / N as f64).powi(size as i32);
            let expected: Vec<f64> = (0..N).map(|r| DRAWS as f64 * (at_least(r) - at_least(r + 1))).collect();
            chi_square(&wins, &expected);
        }
    }

    #[test]
    fn a_population_of_one_wins() {
        assert_eq!(tournament(3, 1, || u64::MAX, |_, _| false), 0);
    }
}
