//! The limit of differential evolution: jDE and L-SHADE written by hand for one function of 30 variables.
//!
//! Scalar, with the operators and settings of the engine's and nothing of what makes it an engine.

use crate::limit::{DIMENSION, Genome, HIGH, LOW, Words};

/// Runs jDE for `generations` after the first; the best value found.
pub(crate) fn jde(function: fn(&Genome) -> f64, population: usize, generations: usize, seed: u64) -> f64 {
    let mut words = Words::new(seed);
    let mut all = random(function, population, &mut words);
    let mut settings = vec![(0.5, 0.9); population];
    let mut trials: Vec<(f64, Genome, (f64, f64))> = Vec::with_capacity(population);
    for _ in 0..generations {
        trials.clear();
        for i in 0..population {
            let (mut scale, mut rate) = settings[i];
            if words.unit() < 0.1 {
                scale = 0.1 + 0.9 * words.unit();
            }
            if words.unit() < 0.1 {
                rate = words.unit();
            }
            let a = other(population, &[i], &mut words);
            let b = other(population, &[i, a], &mut words);
            let c = other(population, &[i, a, b], &mut words);
            let forced = words.below(DIMENSION);
            let mut trial = all[i].1;
            for (k, value) in trial.iter_mut().enumerate() {
                if words.unit() < rate || k == forced {
                    *value = bounded(all[a].1[k] + scale * (all[b].1[k] - all[c].1[k]), all[i].1[k]);
                }
            }
            trials.push((function(&trial), trial, (scale, rate)));
        }
        for (i, trial) in trials.iter().enumerate() {
            if trial.0 <= all[i].0 {
                all[i] = (trial.0, trial.1);
                settings[i] = trial.2;
            }
        }
    }
    least(&all)
}

/// Runs L-SHADE from `population` candidates to 4 over `evaluations`; the best value found.
pub(crate) fn l_shade(function: fn(&Genome) -> f64, population: usize, evaluations: usize, seed: u64) -> f64 {
    let mut words = Words::new(seed);
    let mut all = random(function, population, &mut words);
    let mut archive: Vec<Genome> = Vec::new();
    let mut memory = [(0.5, 0.5); 6];
    let mut place = 0;
    let mut done = population;
    let mut trials: Vec<(f64, Genome, f64, f64)> = Vec::new();
    while done + all.len() <= evaluations {
        let n = all.len();
        // Sorted, the best stand first.
        all.sort_by(|a, b| a.0.total_cmp(&b.0));
        let best = ((0.11 * n as f64).round() as usize).max(2);
        trials.clear();
        for i in 0..n {
            let (about_scale, about_rate) = memory[words.below(6)];
            let radius = (-2.0 * words.unit().max(1e-300).ln()).sqrt();
            let normal = radius * (std::f64::consts::TAU * words.unit()).cos();
            let rate = if about_rate < 0.0 { 0.0 } else { (about_rate + 0.1 * normal).clamp(0.0, 1.0) };
            let mut scale = 0.0;
            while scale <= 0.0 {
                scale = about_scale + 0.1 * (std::f64::consts::PI * (words.unit() - 0.5)).tan();
            }
            let scale = scale.min(1.0);
            let to = words.below(best);
            let a = other(n, &[i], &mut words);
            let b = other(n + archive.len(), &[i, a], &mut words);
            let b = if b < n { &all[b].1 } else { &archive[b - n] };
            let forced = words.below(DIMENSION);
            let parent = &all[i].1;
            let mut trial = *parent;
            for k in 0..DIMENSION {
                if words.unit() < rate || k == forced {
                    let mutant = parent[k] + scale * (all[to].1[k] - parent[k]) + scale * (all[a].1[k] - b[k]);
                    trial[k] = bounded(mutant, parent[k]);
                }
            }
            trials.push((function(&trial), trial, scale, rate));
        }
        done += n;
        let (mut scales, mut rates, mut gains) = ([0.0; 2], [0.0; 2], 0.0);
        for (own, trial) in all.iter_mut().zip(&trials) {
            if trial.0 < own.0 {
                let gain = own.0 - trial.0;
                gains += gain;
                scales = [scales[0] + gain * trial.2, scales[1] + gain * trial.2 * trial.2];
                rates = [rates[0] + gain * trial.3, rates[1] + gain * trial.3 * trial.3];
                archive.push(own.1);
            }
            if trial.0 <= own.0 {
                *own = (trial.0, trial.1);
            }
        }
        if gains > 0.0 {
            let rate = if memory[place].1 < 0.0 || rates[0] == 0.0 { -1.0 } else { rates[1] / rates[0] };
            memory[place] = (scales[1] / scales[0], rate);
            place = (place + 1) % 6;
        }
        let left = 1.0 - done as f64 / evaluations as f64;
        let size = (4.0 + (population - 4) as f64 * left).round() as usize;
        if size < n {
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
            all.truncate(size.max(4));
        }
        let most = (2.6 * all.len() as f64).round() as usize;
        while archive.len() > most {
            archive.swap_remove(words.below(archive.len()));
        }
    }
    least(&all)
}

fn random(function: fn(&Genome) -> f64, population: usize, words: &mut Words) -> Vec<(f64, Genome)> {
    (0..population)
        .map(|_| {
            let mut genome = [0.0; DIMENSION];
            genome.fill_with(|| LOW + (HIGH - LOW) * words.unit());
            (function(&genome), genome)
        })
        .collect()
}

/// A row that is not among `taken`.
#[inline]
fn other(n: usize, taken: &[usize], words: &mut Words) -> usize {
    loop {
        let row = words.below(n);
        if !taken.contains(&row) {
            return row;
        }
    }
}

#[inline]
fn bounded(mutant: f64, parent: f64) -> f64 {
    if mutant < LOW {
        0.5 * (LOW + parent)
    } else if mutant > HIGH {
        0.5 * (HIGH + parent)
    } else {
        mutant
    }
}

fn least(all: &[(f64, Genome)]) -> f64 {
    all.iter().map(|(value, _)| *value).fold(f64::MAX, f64::min)
}
