//! What a run will take, from a few measured evaluations.

use std::{cmp::Reverse, collections::BinaryHeap, path::PathBuf};

use genetic_pool_evolve::{
    algorithms::Schedule,
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
        }
    }
}

/// The share of `slots` that evaluations of the lengths in `seconds` keep busy, by simulating a schedule with lengths
/// drawn from them: candidates start in order as slots become free and the schedule lets them.
///
/// 1 where there is nothing to go by.
pub fn busy_share(seconds: &[f64], slots: usize, schedule: Schedule, offspring: usize) -> f64 {
    const CANDIDATES: usize = 20_000;
    if seconds.is_empty() || slots == 0 || seconds.iter().sum::<f64>() <= 0.0 {
        return 1.0;
    }
    let mut stream = Stream::new(0, 0, Purpose::Try, 0);
    // Free times in picoseconds, so that they order.
    let mut free: BinaryHeap<Reverse<u128>> = (0..slots).map(|_| Reverse(0)).collect();
    let mut committed = Vec::with_capacity(CANDIDATES);
    let (mut latest, mut work) = (0, 0);
    for candidate in 0..CANDIDATES {
        let length = (seconds[stream.below(seconds.len())] * 1e12) as u128;
        let ready = match schedule {
            Schedule::Generations => {
                let generation = candidate / offspring.max(1) * offspring.max(1);
                generation.checked_sub(1).map_or(0, |last| committed[last])
            }
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

    #[test]
    fn hours_follow_from_the_budget() {
        let forecast = Forecast::new(&[120.0, 120.0], 64, Schedule::Window(192), 64, Some(20_000));
        // The last wave of the simulation is not full, so a little less than 64 slots for an hour.
        assert!((1910.0..=1920.0).contains(&forecast.per_hour), "{forecast:?}");
        assert!((10.4..=10.5).contains(&forecast.hours.unwrap()), "{forecast:?}");
        assert_eq!(forecast.variation, 0.0);
    }
}
