//! One descent: a distribution from its beginning to its end.

use serde::{Deserialize, Serialize};

use super::{
    archive::Archive,
    distribution::{Distribution, Lesson, Scratch},
    ending::{Ending, History},
    margin::keep_within_reach,
    model::{Model, step_to},
    options::CmaEsSettings,
    parameters::Parameters,
    restarts::Plan,
    sample::Sample,
};
use crate::{
    algorithms::{Rank, rank::order_value},
    maths::linear::dot,
    problem::CandidateId,
    space::Coordinates,
    vector::Width,
};

/// A distribution that learns from one generation after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Descent {
    pub distribution: Distribution,
    /// Candidates a generation.
    pub population: usize,
    /// The first step size.
    sigma: f64,
    /// The first candidate.
    pub first: u64,
    history: History,
    archive: Archive,
    /// What the place by distance from the box counts, beside the place by rank.
    strictness: f64,
}

/// What a descent needs beside its state.
#[derive(Clone, Debug)]
pub(super) struct Tools {
    pub coordinates: Coordinates,
    pub settings: CmaEsSettings,
    /// Those of the present descent and generation.
    pub parameters: Parameters,
    pub width: Width,
    pub model: Model,
    pub scratch: Scratch,
}

impl Descent {
    pub(super) fn new(mean: Vec<f64>, plan: Plan, settings: &CmaEsSettings, first: u64) -> Descent {
        Descent {
            distribution: Distribution::new(mean, plan.sigma, settings.covariance),
            population: plan.population,
            sigma: plan.sigma,
            first,
            history: History::default(),
            archive: Archive::default(),
            strictness: 1.0,
        }
    }

    pub(super) fn is_consistent(&self, tools: &Tools) -> bool {
        let dimension = tools.coordinates.dimension();
        self.distribution.is_consistent(dimension, tools.settings.covariance)
            && self.history.is_consistent()
            && self.archive.is_consistent(dimension)
            && self.archive.values.len() <= Model::wanted(dimension, self.population)
            && (1e-12..=1.0).contains(&self.sigma)
            && (1e-12..=1e12).contains(&self.strictness)
    }

    /// Learns from the generation `sample`, whose ranks and ids are these; whether, and why, it has ended.
    pub(super) fn learn(
        &mut self,
        sample: &Sample,
        ranks: &[Rank],
        candidates: &[CandidateId],
        tools: &mut Tools,
    ) -> Option<Ending> {
        let mut order: Vec<usize> = (0..ranks.len()).collect();
        order.sort_unstable_by_key(|row| (ranks[*row], candidates[*row]));
        let succeeded = order.partition_point(|row| ranks[*row] != Rank::WORST);
        self.history.take(|place| ranks[order[place]], ranks.len());
        if tools.settings.model {
            self.remember(sample, ranks);
        }
        self.regard_bounds(sample, ranks, &mut order[..succeeded], tools);
        let lesson =
            Lesson { steps: &sample.steps, lengths: &sample.lengths, order: &order, succeeded, cut: sample.injected };
        let Tools { coordinates, parameters, width, scratch, .. } = tools;
        self.distribution.learn(*width, parameters, lesson, scratch);
        if coordinates.any_discrete() {
            let least = 1.0 / (coordinates.dimension() * self.population) as f64;
            keep_within_reach(&mut self.distribution, coordinates, least.min(0.25));
        }
        if !self.distribution.refresh(*width, parameters, scratch) {
            return Some(Ending::Condition);
        }
        self.history.ending(&self.distribution, self.population, self.sigma)
    }

    /// Keeps what was evaluated for the model.
    fn remember(&mut self, sample: &Sample, ranks: &[Rank]) {
        let n = self.distribution.dimension();
        self.archive.last = 0;
        for (rank, point) in ranks.iter().zip(sample.points.chunks_exact(n)) {
            let value = order_value(rank.objective);
            if rank.feasible() && value.is_finite() {
                self.archive.values.push(value);
                self.archive.points.extend_from_slice(point);
                self.archive.last += 1;
            }
        }
        self.archive.trim(Model::wanted(n, self.population), n);
    }

    /// Orders candidates by the sum of their place by rank and of their place by distance from the box, the latter
    /// counting the more the farther the mean has gone out.
    ///
    /// Each is evaluated at the nearest point of the box, so that its rank says nothing of how far it went beyond. After
    /// N. Sakamoto and Y. Akimoto: Adaptive ranking based constraint handling for explicitly constrained black-box
    /// optimization. GECCO 2019, [doi:10.1145/3321707.3321717](https://doi.org/10.1145/3321707.3321717).
    fn regard_bounds(&mut self, sample: &Sample, ranks: &[Rank], order: &mut [usize], tools: &Tools) {
        if sample.beyond.iter().all(|distance| *distance == 0.0) {
            self.strictness = 1.0;
            return;
        }
        let mut total = vec![0.0; ranks.len()];
        places(order, |row| ranks[row], |row, place| total[row] += place);
        let mut by_distance = order.to_vec();
        by_distance.sort_by(|a, b| sample.beyond[*a].total_cmp(&sample.beyond[*b]));
        let strictness = self.strictness;
        places(&by_distance, |row| sample.beyond[row].to_bits(), |row, place| total[row] += strictness * place);
        // Stable: equal sums stay in the order of rank and id.
        order.sort_by(|a, b| total[*a].total_cmp(&total[*b]));
        let out = self.excess(tools);
        let factor = if out > 1.0 { 1.2 } else { 1.0 / 1.2 };
        let most = self.population as f64;
        self.strictness = (self.strictness * factor).clamp(1.0 / most, most);
    }

    /// How far the mean is out of the box, in standard deviations of the axis where it is farthest.
    fn excess(&self, tools: &Tools) -> f64 {
        let Distribution { mean, sigma, .. } = &self.distribution;
        let Coordinates { low, high, .. } = &tools.coordinates;
        (0..mean.len()).fold(0.0_f64, |most, axis| {
            let outside = (mean[axis] - mean[axis].clamp(low[axis], high[axis])).abs();
            most.max(outside / (sigma * self.distribution.deviation(axis)))
        })
    }

    /// Lets a model replace some of `sample`: screened candidates first, then its minima, from the end.
    pub(super) fn propose(&mut self, sample: &mut Sample, seed: u64, island: u16, first: u64, tools: &mut Tools) {
        let Tools { coordinates, settings, width, model, scratch, .. } = tools;
        if !model.fit(*width, &self.archive, &self.distribution) {
            return;
        }
        let n = coordinates.dimension();
        let size = sample.lengths.len();
        if self.agreement(model) > 0.5 {
            let half = size / 4 * 2;
            let mut more = Sample::new(4 * half, n);
            more.draw_screened(seed, island, first, settings.mirrored);
            more.place(*width, &self.distribution, coordinates, scratch);
            let values: Vec<f64> =
                more.points.chunks_exact(n).map(|point| model.value(&self.distribution, point)).collect();
            let mut order: Vec<usize> = (0..4 * half).collect();
            order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
            for (row, from) in (size - half..size).zip(&order) {
                sample.copy_row(row, &more, *from, n);
            }
        }
        let injected = if size >= 8 { 2 } else { 1 };
        let mut point = vec![0.0; n];
        for which in 0..injected {
            if !model.minimize(*width, &self.distribution, which, &mut point) {
                break;
            }
            for (axis, value) in point.iter_mut().enumerate() {
                *value = value.clamp(coordinates.low[axis], coordinates.high[axis]);
            }
            self.put(sample, size - 1 - which, &point);
        }
    }

    /// Makes row `row` of `sample` the point `point`, which lies in the box.
    pub(super) fn put(&self, sample: &mut Sample, row: usize, point: &[f64]) {
        let n = point.len();
        let step = &mut sample.steps[row * n..][..n];
        step_to(&self.distribution, point, step);
        let mut white = vec![0.0; n];
        self.distribution.whiten(step, &mut white);
        sample.lengths[row] = dot(&white, &white);
        sample.points[row * n..][..n].copy_from_slice(point);
        sample.beyond[row] = 0.0;
        sample.injected = true;
    }

    /// The rank correlation of the model with the last generation.
    fn agreement(&self, model: &mut Model) -> f64 {
        let n = self.distribution.dimension();
        let from = self.archive.values.len() - self.archive.last;
        let found: Vec<f64> = self.archive.points[from * n..]
            .chunks_exact(n)
            .map(|point| model.value(&self.distribution, point))
            .collect();
        rank_correlation(&found, &self.archive.values[from..])
    }
}

/// Hands each row of `order` the mean place, from 0, of those with its key.
fn places<K: PartialEq>(order: &[usize], key: impl Fn(usize) -> K, mut take: impl FnMut(usize, f64)) {
    let mut start = 0;
    while start < order.len() {
        let alike = order[start..].iter().take_while(|row| key(**row) == key(order[start])).count();
        let place = start as f64 + 0.5 * (alike - 1) as f64;
        order[start..start + alike].iter().for_each(|row| take(*row, place));
        start += alike;
    }
}

/// Spearman's: the correlation of the places of `a` and `b`, the first of equals before the others; 0 below two.
fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let n = a.len();
    if n < 2 {
        return 0.0;
    }
    let places = |values: &[f64]| {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
        let mut places = vec![0.0; n];
        for (place, row) in order.into_iter().enumerate() {
            places[row] = place as f64;
        }
        places
    };
    let differences = places(a).into_iter().zip(places(b)).fold(0.0, |sum, (a, b)| sum + (a - b) * (a - b));
    let n = n as f64;
    1.0 - 6.0 * differences / (n * (n * n - 1.0))
}
