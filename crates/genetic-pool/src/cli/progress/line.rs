//! Where a run stands, in one line.

use jiff::{SignedDuration, Zoned};

use super::{super::wrap::wrapped, best, words};
use crate::event::{Best, Front, Generation, Progress, Started};

/// The latest that events told.
#[derive(Clone, Debug, Default)]
pub(super) struct Standing {
    pub(super) evaluations: u64,
    pub(super) running: Option<(usize, usize)>,
    pub(super) rate: Option<f64>,
    pub(super) busy: Option<f64>,
    pub(super) eta_seconds: Option<f64>,
    pub(super) best: Option<Best>,
    pub(super) front: Option<Front>,
    pub(super) failures: u64,
}

impl Standing {
    pub(super) fn progress(&mut self, progress: &Progress) {
        // What is done counts for who waits, also while its generation is not whole.
        self.evaluations = progress.received.max(progress.evaluations);
        self.running = Some((progress.running, progress.slots));
        self.rate = progress.evaluations_per_second;
        self.busy = progress.busy;
        self.eta_seconds = progress.eta_seconds;
        self.best.clone_from(&progress.best);
        self.front.clone_from(&progress.front);
    }

    pub(super) fn generation(&mut self, generation: &Generation) {
        self.evaluations = self.evaluations.max(generation.evaluations);
        self.rate = generation.evaluations_per_second;
        self.busy = generation.busy;
        self.eta_seconds = generation.eta_seconds;
        self.best.clone_from(&generation.best);
        self.front.clone_from(&generation.front);
    }
}

/// What is said when a run starts.
pub(super) fn heading(started: &Started) -> String {
    let Started { run, problem, seed, algorithm, why, slots, parallel, evaluations, .. } = started;
    let slots = words::things(*slots as u64, "slot");
    let mut lines = vec![
        format!("run {run}: {problem}, seed {seed}, {slots} (shaped for {parallel})"),
        format!("algorithm {}", wrapped(&format!("{algorithm}: {why}"), 10)),
    ];
    if *evaluations > 0 {
        lines.push(format!("goes on after {}", words::things(*evaluations, "evaluation")));
    }
    lines.join("\n")
}

/// `12,480 of 20,000 · 1,770/h · drag 0.0213 · done in 4 h 15 min, at 22:40 · 96 % busy · 3 failures`
///
/// What matters most comes first: a narrow terminal cuts the end off.
pub(super) fn text(started: &Started, standing: &Standing, now: &Zoned) -> String {
    let mut parts = Vec::with_capacity(6);
    parts.push(match started.budget {
        Some(budget) => format!("{} of {}", words::count(standing.evaluations), words::count(budget)),
        None => words::things(standing.evaluations, "evaluation"),
    });
    parts.extend(standing.rate.map(words::rate));
    match &standing.front {
        Some(front) if front.candidates > 0 => parts.push(super::front(front)),
        _ => parts.extend(standing.best.as_ref().map(|found| best(&found.objectives, found.violation, &started.goals))),
    }
    parts.extend(standing.eta_seconds.and_then(|seconds| done(seconds, now)));
    match (standing.busy, standing.running) {
        (Some(busy), _) => parts.push(format!("{:.0} % busy", busy * 100.0)),
        (None, Some((running, slots))) => {
            parts.push(format!("{running} of {} busy", words::things(slots as u64, "slot")));
        }
        (None, None) => {}
    }
    if standing.failures > 0 {
        parts.push(words::things(standing.failures, "failure"));
    }
    parts.join(" · ")
}

/// `done in 4 h 15 min, at 22:40`; with the day where that is another one. `None` beyond what a calendar holds.
fn done(seconds: f64, now: &Zoned) -> Option<String> {
    let span = SignedDuration::try_from_secs_f64(seconds).ok()?;
    let at = now.checked_add(span).ok()?;
    let days = now.date().until(at.date()).ok()?.get_days();
    let format = match days {
        _ if seconds < 60.0 => return Some(format!("done in {}", words::seconds(seconds))),
        0 => "%H:%M",
        1..=6 => "%A %H:%M",
        _ => "%Y-%m-%d %H:%M",
    };
    Some(format!("done in {}, at {}", words::seconds(seconds), at.strftime(format)))
}

#[cfg(test)]
mod tests {
    use genetic_pool_evolve::problem::{Direction, Goal};

    use super::*;

    fn started() -> Started {
        Started {
            format: 1,
            run: "k3m2".into(),
            file: "k3m2.run".into(),
            problem: "wing:simulate".into(),
            seed: 7,
            algorithm: "genetic".into(),
            why: "mixed space, one goal".into(),
            goals: vec![Goal { name: "drag".into(), direction: Direction::Minimize }],
            slots: 64,
            parallel: 64,
            budget: Some(20_000),
            evaluations: 0,
        }
    }

    fn now() -> Zoned {
        jiff::civil::date(2026, 3, 5).at(18, 25, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).unwrap()
    }

    #[test]
    fn a_line_says_how_far_how_fast_how_good_and_until_when() {
        let standing = Standing {
            evaluations: 12_480,
            running: Some((62, 64)),
            rate: Some(1770.0 / 3600.0),
            busy: Some(0.961),
            eta_seconds: Some(15_300.0),
            best: Some(Best { objectives: vec![0.0213], violation: 0.0 }),
            front: None,
            failures: 3,
        };
        assert_eq!(
            text(&started(), &standing, &now()),
            "12,480 of 20,000 · 1,770/h · drag 0.0213 · done in 4 h 15 min, at 22:40 · 96 % busy · 3 failures"
        );
    }

    #[test]
    fn of_several_goals_the_front_is_told_once_there_is_one() {
        let front = Front { candidates: 57, hypervolume: Some(0.831_24), reference: vec![1.1, 1.1] };
        let goals = ["drag", "mass"].map(|name| Goal { name: name.into(), direction: Direction::Minimize }).to_vec();
        let started = Started { goals, budget: None, ..started() };
        let best = Some(Best { objectives: vec![0.5, 2.0], violation: 1.0 });
        let standing = Standing { best, front: Some(front.clone()), ..Standing::default() };
        let told = |standing: &Standing| text(&started, standing, &now());
        assert_eq!(told(&standing), "0 evaluations · front of 57 candidates, hypervolume 0.83124");
        let few = Front { candidates: 1, hypervolume: None, ..front.clone() };
        let standing = Standing { front: Some(few), ..standing.clone() };
        assert_eq!(told(&standing), "0 evaluations · front of 1 candidate");
        let standing = Standing { front: Some(Front { candidates: 0, ..front }), ..standing.clone() };
        assert_eq!(told(&standing), "0 evaluations · drag 0.5, mass 2 (infeasible: constraints are violated by 1)");
    }

    #[test]
    fn what_is_not_known_yet_is_left_out() {
        let standing = Standing { running: Some((1, 1)), ..Standing::default() };
        assert_eq!(text(&Started { budget: None, ..started() }, &standing, &now()), "0 evaluations · 1 of 1 slot busy");
    }

    #[test]
    fn another_day_is_named_and_eternity_is_not() {
        assert_eq!(done(40_000.0, &now()).unwrap(), "done in 11 h 6 min, at Friday 05:31");
        assert_eq!(done(864_000.0, &now()).unwrap(), "done in 10 d, at 2026-03-15 18:25");
        assert_eq!(done(12.0, &now()).unwrap(), "done in 12 s");
        assert_eq!(done(1e18, &now()), None);
        assert_eq!(done(f64::NAN, &now()), None);
    }

    #[test]
    fn the_heading_says_where_it_goes_on() {
        let resumed = Started { evaluations: 1, slots: 2, ..started() };
        assert_eq!(
            heading(&resumed),
            "run k3m2: wing:simulate, seed 7, 2 slots (shaped for 64)\n\
             algorithm genetic: mixed space, one goal\n\
             goes on after 1 evaluation"
        );
    }
}
