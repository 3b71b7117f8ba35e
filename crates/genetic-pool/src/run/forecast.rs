//! What a run will take, from a few measured evaluations.

use std::{cmp::Reverse, collections::BinaryHeap, path::PathBuf};

use genetic_pool_evolve::{
    algorithms::{Schedule, default_free, default_window},
    random::{Purpose, Stream},
};
use serde::{Deserialize, Serialize};

use super::files;
use crate::{
    experiment::Experiment,
    store::{Home, StoredFile},
};

/// What `try` expects of a run; stored with the run to stand beside what it took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// Mean seconds of an evaluation.
    pub seconds: f64,
    /// Standard deviation of the seconds, over their mean.
    pub variation: f64,
    /// Slots it was made for.
    pub slots: usize,
    /// Share of the slots that are busy, 0 to 1.
    pub busy: f64,
    /// Evaluations an hour.
    pub per_hour: f64,
    /// Hours for the evaluation budget, where the file has one.
    pub hours: Option<f64>,
    /// Bytes the run's file will take, where the file has an evaluation budget.
    pub disk: Option<u64>,
    /// The standard deviation of the logarithm of the seconds from candidate to candidate, where enough were measured.
    #[serde(default)]
    pub spread: Option<f64>,
    /// What each schedule would reach with it; empty where it is not known or makes no difference.
    #[serde(default)]
    pub schedules: Vec<Reached>,
}

/// What a schedule would reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reached {
    /// The schedule.
    pub schedule: Schedule,
    /// Share of the slots that would be busy, 0 to 1.
    pub busy: f64,
}

/// Candidates whose times are known, at least, before they say how times are spread.
const CANDIDATES: usize = 3;

/// Of the most that a schedule would reach, what another one has to reach to be as good.
const AS_GOOD: f64 = 0.95;

/// The standard deviation of ln t over candidates, from the seconds of the evaluations of each: how long one takes in
/// the mean of its logarithms. `None` where they are too few, or one took no time.
pub fn spread(candidates: &[Vec<f64>]) -> Option<f64> {
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
    let each: Vec<f64> = candidates
        .iter()
        .map(|seconds| mean(&seconds.iter().map(|seconds| seconds.ln()).collect::<Vec<_>>()))
        .collect();
    if each.len() < CANDIDATES || each.iter().any(|each| !each.is_finite()) {
        return None;
    }
    let centre = mean(&each);
    let squares: f64 = each.iter().map(|each| (each - centre) * (each - centre)).sum();
    Some((squares / (each.len() - 1) as f64).sqrt())
}

/// What generations of `offspring`, a window and the order of completion would reach on `slots` slots where times are
/// log-normal with this `spread`. `present` is the experiment's own schedule, which stands in place of the usual one of
/// its kind.
pub fn schedules(spread: f64, slots: usize, parallel: usize, present: Schedule, offspring: usize) -> Vec<Reached> {
    let mut stream = Stream::new(0, 0, Purpose::Try, 1);
    let seconds: Vec<f64> = (0..4096).map(|_| (spread * normal(&mut stream)).exp()).collect();
    let usual =
        [Schedule::Generations, Schedule::Window(default_window(parallel)), Schedule::Free(default_free(parallel))];
    let kind = |schedule: &Schedule| std::mem::discriminant(schedule);
    usual
        .into_iter()
        .map(|usual| if kind(&usual) == kind(&present) { present } else { usual })
        .map(|schedule| Reached { schedule, busy: busy_share(&seconds, slots, schedule, offspring) })
        .collect()
}

/// A normal deviate, by G. E. P. Box and M. E. Muller: A note on the generation of random normal deviates. Annals of
/// Mathematical Statistics 29(2), 1958, [doi:10.1214/aoms/1177706645](https://doi.org/10.1214/aoms/1177706645).
fn normal(stream: &mut Stream) -> f64 {
    let (radius, angle) = (stream.unit(), stream.unit());
    (-2.0 * radius.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

impl Forecast {
    /// The schedule that would pay, and how many times as many evaluations it would reach: the first by generations, in
    /// a window and in the order of completion that is as good as the best. `None` where it is `present`.
    pub fn pays(&self, present: Schedule) -> Option<(Schedule, f64)> {
        let most = self.schedules.iter().map(|reached| reached.busy).fold(0.0, f64::max);
        let now = self.schedules.iter().find(|reached| reached.schedule == present)?;
        if now.busy >= AS_GOOD * most {
            return None;
        }
        let best = self.schedules.iter().find(|reached| reached.busy >= AS_GOOD * most)?;
        Some((best.schedule, best.busy / now.busy.max(1e-9)))
    }
}

/// Keeps `forecast` for the next run of the same experiment; a data folder that cannot be written is no reason to fail.
pub fn remember(home: &Home, experiment: &Experiment, forecast: &Forecast) -> std::io::Result<()> {
    let files = files::files(experiment).unwrap_or_default();
    let path = path(home, experiment, &files);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, serde_json::to_vec(forecast)?)
}

/// The last forecast for `experiment` with these `files`, if it was tried.
pub(super) fn recall(home: &Home, experiment: &Experiment, files: &[StoredFile]) -> Option<Forecast> {
    serde_json::from_slice(&std::fs::read(path(home, experiment, files)).ok()?).ok()
}

/// Forecasts are kept by what the experiment says, where it is, and the files its evaluation is made of: code that has
/// changed is not what was tried.
fn path(home: &Home, experiment: &Experiment, files: &[StoredFile]) -> PathBuf {
    let mut key = format!("{}\n{}", experiment.directory.display(), experiment.text);
    for file in files {
        key += &format!("\n{} {}", file.path, file.hash);
    }
    home.root.join("forecasts").join(StoredFile::new("key", false, key.into_bytes()).hash).with_extension("json")
}

impl Forecast {
    /// The forecast from the `seconds` of some evaluations (at least one), a schedule that keeps `candidates` a
    /// generation in step, and a budget.
    pub fn new(seconds: &[f64], slots: usize, schedule: Schedule, offspring: usize, budget: Option<u64>) -> Forecast {
        let count = seconds.len().max(1) as f64;
        let mean = seconds.iter().sum::<f64>() / count;
        let variance = seconds.iter().map(|each| (each - mean) * (each - mean)).sum::<f64>() / count;
        let busy = busy_share(seconds, slots, schedule, offspring);
        let per_hour = 3600.0 * slots as f64 * busy / mean.max(1e-9);
        Forecast {
            seconds: mean,
            variation: if mean > 0.0 { variance.sqrt() / mean } else { 0.0 },
            slots,
            busy,
            per_hour,
            hours: budget.map(|budget| budget as f64 / per_hour),
            disk: None,
            spread: None,
            schedules: Vec::new(),
        }
    }
}

/// The share of `slots` that evaluations of the lengths in `seconds` keep busy, by simulating a schedule with lengths
/// drawn from them: candidates start in order as slots become free and the schedule lets them.
///
/// 1 where there is nothing to go by.
pub fn busy_share(seconds: &[f64], slots: usize, schedule: Schedule, offspring: usize) -> f64 {
    const SIMULATED: usize = 20_000;
    if seconds.is_empty() || slots == 0 || seconds.iter().sum::<f64>() <= 0.0 {
        return 1.0;
    }
    let mut stream = Stream::new(0, 0, Purpose::Try, 0);
    // Free times in picoseconds, so that they order.
    let used = if let Schedule::Free(out) = schedule { slots.min(out) } else { slots };
    let mut free: BinaryHeap<Reverse<u128>> = (0..used).map(|_| Reverse(0)).collect();
    let mut committed = Vec::with_capacity(SIMULATED);
    let (mut latest, mut work) = (0, 0);
    for candidate in 0..SIMULATED {
        let length = (seconds[stream.below(seconds.len())] * 1e12) as u128;
        let ready = match schedule {
            Schedule::Generations => {
                let generation = candidate / offspring.max(1) * offspring.max(1);
                generation.checked_sub(1).map_or(0, |last| committed[last])
            }
            // A candidate is out for each slot, as far as there are so many.
            Schedule::Free(_) => 0,
            Schedule::Window(window) => candidate.checked_sub(window.max(1)).map_or(0, |last| committed[last]),
        };
        let Some(Reverse(slot)) = free.pop() else { return 1.0 };
        let end = slot.max(ready) + length;
        free.push(Reverse(end));
        latest = latest.max(end);
        work += length;
        committed.push(latest);
    }
    work as f64 / (latest as f64 * slots as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lengths_fill_a_window_and_whole_waves() {
        let share = |slots, schedule| busy_share(&[2.0], slots, schedule, 64);
        assert!(share(16, Schedule::Window(64)) > 0.999);
        assert!(share(16, Schedule::Generations) > 0.999);
        // 64 candidates on 48 slots: two waves, the second a third full.
        assert!((share(48, Schedule::Generations) - 64.0 / 96.0).abs() < 0.01);
        assert!((share(128, Schedule::Window(64)) - 0.5).abs() < 0.01);
    }

    #[test]
    fn uneven_lengths_cost_a_generation_more_than_a_wide_window() {
        // Log-normal lengths, σ = 0.5, by the quantiles of the normal distribution at 5, 15, …, 95 %.
        let normal: [f64; 10] = [-1.645, -1.036, -0.674, -0.385, -0.126, 0.126, 0.385, 0.674, 1.036, 1.645];
        let seconds = normal.map(|z| (0.5 * z).exp());
        let generations = busy_share(&seconds, 32, Schedule::Generations, 64);
        let window = busy_share(&seconds, 32, Schedule::Window(128), 64);
        assert!(generations < 0.8, "{generations}");
        assert!(window > 0.95, "{window}");
    }

    /// Measured on 64 slots: a generation of 64 keeps .37 of them busy at σ = 0.5, and .16 at σ = 1.
    #[test]
    fn what_pays_follows_from_the_spread() {
        let of = |spread, present, offspring| Forecast {
            spread: Some(spread),
            schedules: schedules(spread, 64, 64, present, offspring),
            ..Forecast::new(&[1.0], 64, present, 64, None)
        };
        let generations = Schedule::Generations;
        let uneven = of(1.0, generations, 64);
        let busy: Vec<f64> = uneven.schedules.iter().map(|reached| reached.busy).collect();
        assert!((0.1..0.25).contains(&busy[0]), "{busy:?}");
        assert!(busy[0] < busy[1] && busy[1] < 0.8 && busy[2] > 0.9, "{busy:?}");
        let (schedule, times) = uneven.pays(generations).unwrap();
        assert!(schedule == Schedule::Free(80) && times > 4.0, "{schedule:?}, {times}");
        // Where a window is as good it is the one: it needs no order to be kept.
        assert_eq!(of(0.2, generations, 64).pays(generations).unwrap().0, Schedule::Window(192));
        assert_eq!(of(0.2, Schedule::Window(256), 64).pays(Schedule::Window(256)), None);
        assert_eq!(of(0.0, generations, 64).pays(generations), None);
        // So few out that slots have nothing to do.
        let few = of(0.0, Schedule::Free(16), 64);
        assert!((few.schedules[2].busy - 0.25).abs() < 0.01, "{few:?}");
        assert_eq!(few.pays(Schedule::Free(16)).unwrap().0, generations);
    }

    #[test]
    fn the_spread_is_that_of_candidates_not_of_their_repetitions() {
        let times = [vec![1.0, 4.0], vec![4.0, 1.0], vec![2.0, 2.0]];
        assert_eq!(spread(&times), Some(0.0));
        let found = spread(&[vec![1.0], vec![std::f64::consts::E], vec![std::f64::consts::E.powi(2)]]).unwrap();
        assert!((found - 1.0).abs() < 1e-12, "{found}");
        assert_eq!(spread(&times[..2]), None);
        assert_eq!(spread(&[vec![1.0], vec![0.0], vec![2.0]]), None);
    }

    #[test]
    fn hours_follow_from_the_budget() {
        let forecast = Forecast::new(&[120.0, 120.0], 64, Schedule::Window(192), 64, Some(20_000));
        // The last wave of the simulation is not full, so a little less than 64 slots for an hour.
        assert!((1910.0..=1920.0).contains(&forecast.per_hour), "{forecast:?}");
        assert!((10.4..=10.5).contains(&forecast.hours.unwrap()), "{forecast:?}");
        assert_eq!(forecast.variation, 0.0);
    }
}
