//! Who mates with whom, and whether they are crossed.

#![expect(clippy::inline_always, reason = "the body takes the instructions of its caller")]

use crate::{
    algorithms::Rank,
    operators::selection::tournament::tournament,
    problem::CandidateId,
    random::{Lanes, Purpose, Stream, unit},
    vector::multiversion,
};

/// Pairs whose words are drawn side by side.
pub(super) const CHUNK: usize = 32;

/// The address and the odds of the draws.
#[derive(Clone, Copy, Debug)]
pub(super) struct Draw {
    pub(super) seed: u64,
    pub(super) island: u16,
    pub(super) tournament: usize,
    pub(super) crossover: f64,
}

/// Who may become a parent, row by row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parents<'a> {
    pub(super) ranks: &'a [Rank],
    pub(super) candidates: &'a [CandidateId],
}

/// Up to `N` pairs.
///
/// Stream (seed, `Mate`, index of the pair's first child): one parent's tournament, the other's, a word that says
/// whether they are crossed. What follows in the stream is for the reals.
#[derive(Clone, Debug)]
pub(super) struct Mates<const N: usize> {
    /// By pair: the rows of its parents.
    pub(super) parents: [[usize; 2]; N],
    /// By pair: whether they are crossed; never where both are one.
    pub(super) crossed: [bool; N],
    /// By pair: its stream, as far as it is drawn.
    pub(super) lanes: Lanes<N>,
}

impl<const N: usize> Default for Mates<N> {
    fn default() -> Self {
        Mates { parents: [[0; 2]; N], crossed: [false; N], lanes: Lanes::default() }
    }
}

multiversion! {
    /// Chooses the parents of `pairs` pairs, the first of which has candidate `first` for its first child.
    pub(super) fn choose(draw: Draw, parents: Parents<'_>, first: u64, pairs: usize, mates: &mut Mates<CHUNK>)
        = choose_body;
}

/// The parents of one pair, as [`choose`] finds them.
pub(super) fn choose_one(draw: Draw, parents: Parents<'_>, first: u64, mates: &mut Mates<1>) {
    choose_body(draw, parents, first, 1, mates);
}

/// The pairs that the rows `given` are, two by two; whether they are crossed is drawn as [`choose`] does.
pub(super) fn pair(draw: Draw, given: &[u32], first: u64, mates: &mut Mates<CHUNK>) {
    for (k, index) in (first..).step_by(2).take(given.len() / 2).enumerate() {
        let mut stream = Stream::new(draw.seed, draw.island, Purpose::Mate, index);
        mates.parents[k] = [given[2 * k] as usize, given[2 * k + 1] as usize];
        mates.crossed[k] = unit(stream.next()) < draw.crossover;
        mates.lanes.set(k, stream);
    }
}

#[inline(always)]
fn choose_body<const N: usize>(draw: Draw, parents: Parents<'_>, first: u64, pairs: usize, mates: &mut Mates<N>) {
    let n = parents.ranks.len();
    for (lane, index) in (first..).step_by(2).take(pairs).enumerate() {
        mates.lanes.set(lane, Stream::new(draw.seed, draw.island, Purpose::Mate, index));
    }
    if draw.tournament <= 2 {
        for side in 0..2 {
            let words = mates.lanes.draw();
            for (word, parents_of) in words.iter().zip(&mut mates.parents).take(pairs) {
                let word = || *word;
                parents_of[side] = tournament(draw.tournament, n, word, |a, b| better(parents, a, b));
            }
        }
    } else {
        for k in 0..pairs {
            let mut stream = mates.lanes.get(k);
            for side in 0..2 {
                let word = || stream.next();
                mates.parents[k][side] = tournament(draw.tournament, n, word, |a, b| better(parents, a, b));
            }
            mates.lanes.set(k, stream);
        }
    }
    let words = mates.lanes.draw();
    for ((word, [a, b]), crossed) in words.iter().zip(&mates.parents).zip(&mut mates.crossed).take(pairs) {
        *crossed = unit(*word) < draw.crossover && a != b;
    }
}

/// Whether row `a` beats row `b`: by rank, then id. Without branches, since either is as likely.
#[inline(always)]
#[expect(clippy::needless_bitwise_bool, reason = "no branch to guess wrong")]
fn better(parents: Parents<'_>, a: usize, b: usize) -> bool {
    let (x, y) = (parents.ranks[a].key(), parents.ranks[b].key());
    (x < y) | ((x == y) & (parents.candidates[a] < parents.candidates[b]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::Width;

    #[test]
    fn pairs_alone_or_together_find_the_same_parents() {
        let ranks: Vec<Rank> = (0..50).map(|k| Rank::new(0.0, f64::from(k * 7 % 20))).collect();
        let candidates: Vec<CandidateId> = (0..50).map(|k| CandidateId::new(0, k)).collect();
        let parents = Parents { ranks: &ranks, candidates: &candidates };
        for tournament in [1, 2, 3, 8] {
            let draw = Draw { seed: 5, island: 1, tournament, crossover: 0.7 };
            for width in [Width::BASE, Width::widest()] {
                let mut together = Mates::default();
                choose(width, draw, parents, 100, 20, &mut together);
                for pair in 0..20 {
                    let mut alone = Mates::default();
                    choose_one(draw, parents, 100 + 2 * pair as u64, &mut alone);
                    assert_eq!(alone.parents[0], together.parents[pair]);
                    assert_eq!(alone.crossed[0], together.crossed[pair]);
                    assert_eq!(alone.lanes.get(0).next(), together.lanes.get(pair).next());
                }
            }
        }
    }
}
