//! Truncation: the best of parents and offspring survive.

use crate::{algorithms::Rank, problem::CandidateId};

/// (μ+λ) survival by (rank, id), with the room it works in.
///
/// The best of parents and offspring together, so that the best ever found is never lost: I. Rechenberg and
/// H.-P. Schwefel's plus strategy, H.-G. Beyer and H.-P. Schwefel: Evolution strategies, a comprehensive introduction.
/// Natural Computing 1, 2002, [doi:10.1023/A:1015059928466](https://doi.org/10.1023/A:1015059928466).
#[derive(Clone, Debug, Default)]
pub struct Truncation {
    /// Keys of all, where no constraint is violated: half the width, twice the speed.
    objectives: Vec<u64>,
    keys: Vec<u128>,
    ties: Vec<CandidateId>,
    leaving: Vec<u32>,
    staying: Vec<u32>,
}

/// Candidates to choose from, row by row.
#[derive(Clone, Copy, Debug)]
pub struct Contenders<'a> {
    /// Their ranks.
    pub ranks: &'a [Rank],
    /// Their ids, all different.
    pub candidates: &'a [CandidateId],
}

impl Truncation {
    /// The rows of `parents` that leave and the rows of `offspring` that take their places, both ascending and of the
    /// same length: the parents then are the best of both, as many as before.
    ///
    /// Linear in the number of candidates. Only the *set* of survivors comes from the selection algorithm, never an
    /// order.
    pub fn select(&mut self, parents: Contenders<'_>, offspring: Contenders<'_>) -> (&[u32], &[u32]) {
        self.leaving.resize(parents.ranks.len() + 1, 0);
        self.staying.resize(offspring.ranks.len() + 1, 0);
        let any = |ranks: &[Rank]| ranks.iter().fold(0, |any, rank| any | rank.violation);
        let (leaving, staying) = if any(parents.ranks) | any(offspring.ranks) == 0 {
            select(
                parents,
                offspring,
                |rank| rank.objective,
                &mut self.objectives,
                &mut self.ties,
                [&mut self.leaving, &mut self.staying],
            )
        } else {
            select(
                parents,
                offspring,
                Rank::key,
                &mut self.keys,
                &mut self.ties,
                [&mut self.leaving, &mut self.staying],
            )
        };
        (&self.leaving[..leaving], &self.staying[..staying])
    }
}

#[expect(clippy::needless_bitwise_bool, reason = "no branch to guess wrong")]
fn select<K: Copy + Ord>(
    parents: Contenders<'_>,
    offspring: Contenders<'_>,
    key: impl Fn(Rank) -> K + Copy,
    keys: &mut Vec<K>,
    ties: &mut Vec<CandidateId>,
    [leaving, staying]: [&mut [u32]; 2],
) -> (usize, usize) {
    let n = parents.ranks.len();
    if n == 0 {
        return (0, 0);
    }
    keys.clear();
    keys.extend(parents.ranks.iter().chain(offspring.ranks).map(|rank| key(*rank)));
    let (_, cut, _) = keys.select_nth_unstable(n - 1);
    let cut = *cut;
    // Without branches: which rows stay is nearly random.
    let mut mark = |last: CandidateId| {
        let survives = |rank: Rank, id: CandidateId| (key(rank) < cut) | ((key(rank) == cut) & (id <= last));
        let (mut leave, mut stay) = (0, 0);
        for (row, (rank, id)) in parents.ranks.iter().zip(parents.candidates).enumerate() {
            leaving[leave] = row as u32;
            leave += usize::from(!survives(*rank, *id));
        }
        for (row, (rank, id)) in offspring.ranks.iter().zip(offspring.candidates).enumerate() {
            staying[stay] = row as u32;
            stay += usize::from(survives(*rank, *id));
        }
        (leave, stay)
    };
    // As if none tied at the cut.
    let (leave, stay) = mark(CandidateId(u64::MAX));
    if leave == stay {
        return (leave, stay);
    }
    // Some tie there: those with the lower ids stay.
    let all = || {
        let parents = parents.ranks.iter().zip(parents.candidates);
        parents.chain(offspring.ranks.iter().zip(offspring.candidates))
    };
    let below = all().filter(|(rank, _)| key(**rank) < cut).count();
    ties.clear();
    ties.extend(all().filter(|(rank, _)| key(**rank) == cut).map(|(_, id)| *id));
    ties.sort_unstable();
    mark(ties[n - below - 1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Purpose, Stream};

    fn contenders(of: &[(Rank, CandidateId)]) -> (Vec<Rank>, Vec<CandidateId>) {
        of.iter().copied().unzip()
    }

    /// The survivors' ids, and those a sort finds.
    fn survivors(parents: &[(Rank, CandidateId)], offspring: &[(Rank, CandidateId)]) -> [Vec<CandidateId>; 2] {
        let (ranks, mut candidates) = contenders(parents);
        let (offspring_ranks, offspring_candidates) = contenders(offspring);
        let mut truncation = Truncation::default();
        let (leaving, staying) = truncation.select(
            Contenders { ranks: &ranks, candidates: &candidates.clone() },
            Contenders { ranks: &offspring_ranks, candidates: &offspring_candidates },
        );
        assert_eq!(leaving.len(), staying.len());
        assert!(leaving.is_sorted() && staying.is_sorted());
        for (to, from) in leaving.iter().zip(staying) {
            candidates[*to as usize] = offspring_candidates[*from as usize];
        }
        candidates.sort_unstable();
        let mut all = [parents, offspring].concat();
        all.sort_unstable();
        let mut best: Vec<CandidateId> = all[..parents.len()].iter().map(|(_, id)| *id).collect();
        best.sort_unstable();
        [candidates, best]
    }

    #[test]
    fn survivors_are_those_a_sort_finds() {
        let mut stream = Stream::new(1, 0, Purpose::Mate, 0);
        for round in 0..2000 {
            let (parents, offspring) = (1 + stream.below(12), stream.below(20));
            let mut ids: Vec<u64> = (0..(parents + offspring) as u64).collect();
            for last in (1..ids.len()).rev() {
                ids.swap(last, stream.below(last + 1));
            }
            // Few values, so that ties are common; in half of the rounds no violations.
            let all: Vec<(Rank, CandidateId)> = ids
                .into_iter()
                .map(|id| {
                    let violation = if round % 2 == 0 { 0 } else { stream.below(3) };
                    (Rank::new(violation as f64, stream.below(4) as f64 - 2.0), CandidateId(id))
                })
                .collect();
            let [found, wanted] = survivors(&all[..parents], &all[parents..]);
            assert_eq!(found, wanted, "{all:?}");
        }
    }

    #[test]
    fn failures_go_first() {
        let good = |id| (Rank::new(0.0, 1.0), CandidateId(id));
        let failed = |id| (Rank::WORST, CandidateId(id));
        let [found, wanted] = survivors(&[failed(0), good(1), failed(2)], &[good(3), failed(4)]);
        assert_eq!(found, wanted);
        assert_eq!(found, [CandidateId(0), CandidateId(1), CandidateId(3)]);
    }
}
