//! The limit: a genetic algorithm written by hand for one function of 30 variables, and nothing else.
//!
//! No ask or tell, no ids, no digest, no constraints, no other dimension: scalar, as clever as we could make it. It takes
//! the same operators at the same settings as the engine's defaults: tournament of 2, bounded simulated binary crossover
//! (η 15, 0.9), bounded polynomial mutation (η 20, 1/n), (μ+λ).

/// A genome.
pub(crate) type Genome = [f64; DIMENSION];

/// How many variables.
pub(crate) const DIMENSION: usize = 30;
const LOW: f64 = -5.12;
const HIGH: f64 = 5.12;

/// The sum of squares.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop is written for this one function")]
pub(crate) fn sphere(x: &Genome) -> f64 {
    x.iter().map(|v| v * v).sum()
}

/// Rastrigin's function.
pub(crate) fn rastrigin(x: &Genome) -> f64 {
    x.iter().map(|v| v * v - 10.0 * cos_of_turns(*v) + 10.0).sum()
}

/// cos(2πx) by its Taylor series up to z^12, off by less than 1e-11.
#[inline]
fn cos_of_turns(x: f64) -> f64 {
    let t = std::f64::consts::TAU * (x - x.round());
    let z = t * t;
    let mut sum = 1.0;
    let mut k = 24.0;
    while k >= 2.0 {
        sum = 1.0 - z / (k * (k - 1.0)) * sum;
        k -= 2.0;
    }
    sum
}

/// Runs `generations` after the first; the best value found.
pub(crate) fn run(function: fn(&Genome) -> f64, population: usize, generations: usize, seed: u64) -> f64 {
    let mut words = Words::new(seed);
    let per_gap = 1.0 / (1.0 - 1.0 / DIMENSION as f64).ln();
    let mut all: Vec<(f64, Genome)> = (0..population)
        .map(|_| {
            let mut genome = [0.0; DIMENSION];
            for value in &mut genome {
                *value = LOW + (HIGH - LOW) * words.unit();
            }
            (function(&genome), genome)
        })
        .collect();
    for _ in 0..generations {
        for _ in 0..population / 2 {
            let mut pick = || {
                let (i, j) = (words.below(population), words.below(population));
                if all[i].0 <= all[j].0 { i } else { j }
            };
            let (i, j) = (pick(), pick());
            let (mut a, mut b) = (all[i].1, all[j].1);
            if words.unit() < 0.9 {
                cross(&mut a, &mut b, &mut words, LOW, HIGH);
            }
            mutate(&mut a, &mut words, per_gap, LOW, HIGH);
            mutate(&mut b, &mut words, per_gap, LOW, HIGH);
            all.push((function(&a), a));
            all.push((function(&b), b));
        }
        all.select_nth_unstable_by(population - 1, |a, b| a.0.total_cmp(&b.0));
        all.truncate(population);
    }
    all.iter().map(|(value, _)| *value).fold(f64::MAX, f64::min)
}

/// Bounded simulated binary crossover, η 15, of at most 32 variables.
#[inline]
pub(crate) fn cross<const D: usize>(a: &mut [f64; D], b: &mut [f64; D], words: &mut Words, low: f64, high: f64) {
    let bits = words.next();
    let mut mask = bits & ((1 << D) - 1);
    let swap = bits >> 32;
    while mask != 0 {
        let i = mask.trailing_zeros() as usize;
        mask &= mask - 1;
        let (p, q) = (a[i], b[i]);
        let d = (p - q).abs();
        if d < 1e-14 {
            continue;
        }
        let (y1, y2) = (p.min(q), p.max(q));
        let u = words.unit();
        // t^16 by squaring and the sixteenth root by roots: what η = 15 allows.
        let spread = |gap: f64| {
            let t = d / (d + 2.0 * gap);
            let (t2, t4, t8);
            t2 = t * t;
            t4 = t2 * t2;
            t8 = t4 * t4;
            let v = u * (2.0 - t8 * t8);
            let w = if v <= 1.0 { v } else { 1.0 / (2.0 - v) };
            w.sqrt().sqrt().sqrt().sqrt()
        };
        let c1 = (0.5 * (y1 + y2 - spread(y1 - low) * d)).clamp(low, high);
        let c2 = (0.5 * (y1 + y2 + spread(high - y2) * d)).clamp(low, high);
        (a[i], b[i]) = if swap >> i & 1 == 0 { (c1, c2) } else { (c2, c1) };
    }
}

/// Bounded polynomial mutation, η 20, whose gaps between genes are scaled by `per_gap`.
#[inline]
pub(crate) fn mutate<const D: usize>(a: &mut [f64; D], words: &mut Words, per_gap: f64, low: f64, high: f64) {
    let mut i = (words.unit().ln() * per_gap) as usize;
    while i < D {
        let (d1, d2) = ((a[i] - low) / (high - low), (high - a[i]) / (high - low));
        let u = words.unit();
        let step = if u < 0.5 {
            (2.0 * u + (1.0 - 2.0 * u) * (1.0 - d1).powi(21)).powf(1.0 / 21.0) - 1.0
        } else {
            1.0 - (2.0 * (1.0 - u) + 2.0 * (u - 0.5) * (1.0 - d2).powi(21)).powf(1.0 / 21.0)
        };
        a[i] = (a[i] + step * (high - low)).clamp(low, high);
        i += 1 + (words.unit().ln() * per_gap) as usize;
    }
}

/// xoshiro256++, seeded by splitmix64.
pub(crate) struct Words([u64; 4]);

impl Words {
    pub(crate) fn new(mut seed: u64) -> Words {
        let mut next = || {
            seed = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut z = seed;
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            z ^ (z >> 31)
        };
        Words([next(), next(), next(), next()])
    }

    #[inline]
    pub(crate) fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let word = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        word
    }

    #[inline]
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 * (1.0 / 9_007_199_254_740_992.0)
    }

    #[inline]
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.next()) * n as u128) >> 64) as usize
    }
}
