//! The limit on bits and on a tour: genetic algorithms written by hand for 1000 bits and for 52 cities.
//!
//! Scalar, with the operators and settings of the engine's and nothing of what makes it an engine.

use crate::limit::Words;

const WORDS: usize = 16;
const BITS: usize = 1000;
type Bits = [u64; WORDS];

/// Runs `generations` after the first on the number of ones; the greatest found.
pub(crate) fn ones(population: usize, generations: usize, seed: u64) -> u32 {
    let mut words = Words::new(seed);
    let per_gap = 1.0 / (1.0 - 1.0 / BITS as f64).ln();
    let last = u64::MAX >> (64 * WORDS - BITS);
    let count = |bits: &Bits| bits.iter().map(|word| word.count_ones()).sum::<u32>();
    let mut all: Vec<(u32, Bits)> = (0..population)
        .map(|_| {
            let mut bits = [0; WORDS];
            bits.fill_with(|| words.next());
            bits[WORDS - 1] &= last;
            (count(&bits), bits)
        })
        .collect();
    for _ in 0..generations {
        for _ in 0..population / 2 {
            let mut pick = || {
                let (i, j) = (words.below(population), words.below(population));
                if all[i].0 >= all[j].0 { i } else { j }
            };
            let (i, j) = (pick(), pick());
            let mut pair = [all[i].1, all[j].1];
            if words.unit() < 0.9 {
                let [first, second] = &mut pair;
                for (a, b) in first.iter_mut().zip(second) {
                    let swap = (*a ^ *b) & words.next();
                    *a ^= swap;
                    *b ^= swap;
                }
            }
            for child in &mut pair {
                let mut place = (words.unit().ln() * per_gap) as usize;
                while place < BITS {
                    child[place / 64] ^= 1 << (place % 64);
                    place += 1 + (words.unit().ln() * per_gap) as usize;
                }
                all.push((count(child), *child));
            }
        }
        all.select_nth_unstable_by(population - 1, |a, b| b.0.cmp(&a.0));
        all.truncate(population);
    }
    all.iter().map(|(ones, _)| *ones).max().unwrap_or(0)
}

const CITIES: usize = 52;
type Tour = [u8; CITIES];

/// Runs `generations` after the first on a tour of 52 cities with the distances `between`; the shortest found.
pub(crate) fn tour(between: &[i32], population: usize, generations: usize, crossover: f64, seed: u64) -> i32 {
    let mut words = Words::new(seed);
    let length = |tour: &Tour| {
        let mut sum = between[tour[CITIES - 1] as usize * CITIES + tour[0] as usize];
        for pair in tour.windows(2) {
            sum += between[pair[0] as usize * CITIES + pair[1] as usize];
        }
        sum
    };
    let mut all: Vec<(i32, Tour)> = (0..population)
        .map(|_| {
            let mut tour: Tour = std::array::from_fn(|k| k as u8);
            for k in (1..CITIES).rev() {
                tour.swap(k, words.below(k + 1));
            }
            (length(&tour), tour)
        })
        .collect();
    for _ in 0..generations {
        for _ in 0..population / 2 {
            let mut pick = || {
                let (i, j) = (words.below(population), words.below(population));
                if all[i].0 <= all[j].0 { i } else { j }
            };
            let (i, j) = (pick(), pick());
            let (a, b) = (all[i].1, all[j].1);
            let mut pair = [a, b];
            if words.unit() < crossover {
                let (x, y) = (words.below(CITIES + 1), words.below(CITIES));
                let y = y + usize::from(y >= x);
                let (from, to) = (x.min(y), x.max(y));
                fill(&mut pair[0], &b, from, to);
                fill(&mut pair[1], &a, from, to);
            }
            for child in &mut pair {
                let (x, y) = (words.below(CITIES), words.below(CITIES));
                child[x.min(y)..=x.max(y)].reverse();
                all.push((length(child), *child));
            }
        }
        all.select_nth_unstable_by(population - 1, |a, b| a.0.cmp(&b.0));
        all.truncate(population);
    }
    all.iter().map(|(length, _)| *length).min().unwrap_or(0)
}

/// Keeps `child[from..to]` and fills the rest from `other`, in order crossover.
fn fill(child: &mut Tour, other: &Tour, from: usize, to: usize) {
    let kept = child[from..to].iter().fold(0_u64, |kept, city| kept | 1 << city);
    let mut place = if to == CITIES { 0 } else { to };
    for city in other[to..].iter().chain(&other[..to]) {
        if kept >> city & 1 == 0 {
            child[place] = *city;
            place = if place + 1 == CITIES { 0 } else { place + 1 };
        }
    }
}
