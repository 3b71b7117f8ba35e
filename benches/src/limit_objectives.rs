//! The limit for several goals: NSGA-II written by hand for one function, and nothing else.
//!
//! As the loop for one goal: scalar, no ask or tell, no ids, no digest, no constraints. Tournament of 2 on (front, crowding
//! distance), the same crossover and mutation, non-dominated sorting by insertion from the last of each front on, survival
//! by crowding distance as it was published.

use crate::limit::{Words, cross, mutate};

/// A candidate: its objectives, genome, front and crowding distance.
#[derive(Clone, Copy)]
struct Candidate<const D: usize, const M: usize> {
    objectives: [f64; M],
    genome: [f64; D],
    front: u32,
    distance: f64,
}

/// ZDT1.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop is written for this one function")]
pub(crate) fn zdt1(x: &[f64; 30]) -> [f64; 2] {
    let g = 1.0 + 9.0 / 29.0 * x[1..].iter().sum::<f64>();
    [x[0], g * (1.0 - (x[0] / g).sqrt())]
}

/// DTLZ2 of three goals.
#[inline(always)]
#[expect(clippy::inline_always, reason = "the loop is written for this one function")]
pub(crate) fn dtlz2(x: &[f64; 12]) -> [f64; 3] {
    let g: f64 = 1.0 + x[2..].iter().map(|x| (x - 0.5) * (x - 0.5)).sum::<f64>();
    let (sin_a, cos_a) = (x[0] * std::f64::consts::FRAC_PI_2).sin_cos();
    let (sin_b, cos_b) = (x[1] * std::f64::consts::FRAC_PI_2).sin_cos();
    [g * cos_a * cos_b, g * cos_a * sin_b, g * sin_a]
}

/// Runs `generations` after the first; the objectives of the last population.
pub(crate) fn run<const D: usize, const M: usize>(
    function: fn(&[f64; D]) -> [f64; M],
    population: usize,
    generations: usize,
    seed: u64,
) -> Vec<[f64; M]> {
    let mut words = Words::new(seed);
    let per_gap = 1.0 / (1.0 - 1.0 / D as f64).ln();
    let candidate = |genome| Candidate { objectives: function(&genome), genome, front: 0, distance: 0.0 };
    let mut all: Vec<Candidate<D, M>> = (0..population)
        .map(|_| {
            let mut genome = [0.0; D];
            for value in &mut genome {
                *value = words.unit();
            }
            candidate(genome)
        })
        .collect();
    let mut room = Room::default();
    room.survive(&mut all, population);
    for _ in 0..generations {
        for _ in 0..population / 2 {
            let mut pick = || {
                let (i, j) = (words.below(population), words.below(population));
                let better =
                    all[i].front < all[j].front || (all[i].front == all[j].front && all[i].distance >= all[j].distance);
                if better { i } else { j }
            };
            let (i, j) = (pick(), pick());
            let (mut a, mut b) = (all[i].genome, all[j].genome);
            if words.unit() < 0.9 {
                cross(&mut a, &mut b, &mut words, 0.0, 1.0);
            }
            mutate(&mut a, &mut words, per_gap, 0.0, 1.0);
            mutate(&mut b, &mut words, per_gap, 0.0, 1.0);
            all.push(candidate(a));
            all.push(candidate(b));
        }
        room.survive(&mut all, population);
    }
    all.iter().map(|candidate| candidate.objectives).collect()
}

/// Room to sort in.
#[derive(Default)]
struct Room<const M: usize> {
    order: Vec<(f64, u32)>,
    fronts: Vec<Vec<([f64; M], u32)>>,
    keys: Vec<(f64, u32)>,
}

impl<const M: usize> Room<M> {
    fn survive<const D: usize>(&mut self, all: &mut Vec<Candidate<D, M>>, population: usize) {
        self.order.clear();
        self.order.extend(all.iter().zip(0..).map(|(candidate, row)| (candidate.objectives[0], row)));
        self.order.sort_unstable_by(|a, b| {
            a.0.total_cmp(&b.0).then_with(|| {
                let (a, b) = (&all[a.1 as usize].objectives, &all[b.1 as usize].objectives);
                a[1].total_cmp(&b[1]).then(a[M - 1].total_cmp(&b[M - 1]))
            })
        });
        self.fronts.iter_mut().for_each(Vec::clear);
        for (_, row) in &self.order {
            let objectives = all[*row as usize].objectives;
            let dominated = |front: &Vec<([f64; M], u32)>| {
                let no_worse = |(member, _): &([f64; M], u32)| (1..M).all(|goal| member[goal] <= objectives[goal]);
                // With two goals the last is the best in the second.
                if M == 2 { front.last().is_some_and(no_worse) } else { front.iter().rev().any(no_worse) }
            };
            let place = self.fronts.iter().position(|front| !dominated(front)).unwrap_or_else(|| {
                self.fronts.push(Vec::new());
                self.fronts.len() - 1
            });
            self.fronts[place].push((objectives, *row));
        }
        let mut next = Vec::with_capacity(2 * population);
        for (number, front) in (0..).zip(&mut self.fronts) {
            if next.len() == population || front.is_empty() {
                break;
            }
            for (_, row) in front.iter() {
                (all[*row as usize].front, all[*row as usize].distance) = (number, 0.0);
            }
            for goal in 0..M {
                self.keys.clear();
                self.keys.extend(front.iter().map(|(objectives, row)| (objectives[goal], *row)));
                if goal > 0 {
                    self.keys.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
                }
                let n = self.keys.len();
                let extent = self.keys[n - 1].0 - self.keys[0].0;
                all[self.keys[0].1 as usize].distance = f64::INFINITY;
                all[self.keys[n - 1].1 as usize].distance = f64::INFINITY;
                if extent > 0.0 {
                    let scale = 1.0 / extent;
                    for three in self.keys.windows(3) {
                        all[three[1].1 as usize].distance += (three[2].0 - three[0].0) * scale;
                    }
                }
            }
            let start = next.len();
            next.extend(front.iter().map(|(_, row)| all[*row as usize]));
            if next.len() > population {
                next[start..].select_nth_unstable_by(population - start - 1, |a, b| b.distance.total_cmp(&a.distance));
                next.truncate(population);
            }
        }
        *all = next;
    }
}
