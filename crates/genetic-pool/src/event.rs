//! What a run tells while it goes.
//!
//! One closed list feeds the progress display and `run --json`, which prints an event a line. Figures that are not
//! finite are written as [`numbers`] says.

use genetic_pool_evolve::{
    problem::{CandidateId, FailureKind, Goal},
    stop::{StopReason, StopRule},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::numbers;

/// The version of the events; it goes up when a key changes its meaning or goes away. New keys and events do not count.
pub const FORMAT: u32 = 1;

/// Something that happened in a run. In JSON the key `event` says which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum RunEvent {
    /// It starts, or goes on.
    Started(Started),
    /// It stands here: told now and then while a generation is under way.
    Progress(Progress),
    /// A generation was committed.
    Generation(Generation),
    /// A candidate could not be evaluated.
    Failure(CandidateFailure),
    /// Something a person should know.
    Note(Note),
    /// It is over, or stopped in a way that can be resumed.
    Finished(Finished),
}

/// A run starts, or goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// [`FORMAT`].
    pub format: u32,
    /// The run's id.
    pub run: String,
    /// Its file.
    pub file: String,
    /// What is optimised, in a word: a problem's name, `module:function`, a command.
    pub problem: String,
    /// The seed of all chance.
    pub seed: u64,
    /// The algorithm's name.
    pub algorithm: String,
    /// Why this algorithm.
    pub why: String,
    /// The goals, in the order of every `objectives`.
    pub goals: Vec<Goal>,
    /// How many evaluations go at once here.
    pub slots: usize,
    /// The slots the search is shaped for.
    pub parallel: usize,
    /// How many evaluations it is to make in all, where that is bounded.
    pub budget: Option<u64>,
    /// How many were committed before: 0 unless it goes on.
    pub evaluations: u64,
}

/// Where a run stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Committed evaluations.
    pub evaluations: u64,
    /// Evaluations that have come back; some wait for those before them.
    pub received: u64,
    /// Evaluations that are out.
    pub running: usize,
    /// How many can go at once.
    pub slots: usize,
    /// Seconds since it started, pauses not counted.
    #[serde(serialize_with = "numbers::one", deserialize_with = "numbers::read::one")]
    pub seconds: f64,
    /// The rate of late; `null` until there is one.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub evaluations_per_second: Option<f64>,
    /// The share of slots that were at work, 0 to 1.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub busy: Option<f64>,
    /// Seconds until it will be done, where that can be foreseen.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub eta_seconds: Option<f64>,
    /// The best candidate so far; with several goals the best in the first.
    pub best: Option<Best>,
    /// With several goals: the front so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<Box<Front>>,
}

/// A generation was committed; where generations are very short not each is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Generation {
    /// On which island; left out on the first, and where there is one.
    #[serde(default, skip_serializing_if = "is_first")]
    pub island: u16,
    /// Which, from 0.
    pub generation: u64,
    /// Committed evaluations.
    pub evaluations: u64,
    /// The best candidate so far; with several goals the best in the first.
    pub best: Option<Best>,
    /// With several goals: the front so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<Box<Front>>,
    /// The mean of the first objective over the population's candidates that could be evaluated.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub mean: Option<f64>,
    /// How far apart they lie in it: greatest less least.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub spread: Option<f64>,
    /// The rate of late.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub evaluations_per_second: Option<f64>,
    /// The share of slots that were at work, 0 to 1.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub busy: Option<f64>,
    /// Seconds until it will be done, where that can be foreseen.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub eta_seconds: Option<f64>,
}

/// The best candidate, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    /// One per goal, in the user's units and direction.
    #[serde(serialize_with = "numbers::many", deserialize_with = "numbers::read::many")]
    pub objectives: Vec<f64>,
    /// How far it violates constraints in all; 0: it is feasible.
    #[serde(serialize_with = "numbers::one", deserialize_with = "numbers::read::one")]
    pub violation: f64,
}

/// The feasible candidates that no other dominates, in short.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Front {
    /// How many are kept.
    pub candidates: usize,
    /// Their hypervolume measured against `reference`. `null` while there is no reference, with more goals than it is
    /// computed for, and, while the run goes on, with more than three.
    #[serde(serialize_with = "numbers::maybe", deserialize_with = "numbers::read::maybe")]
    pub hypervolume: Option<f64>,
    /// One value a goal, in the user's units: the worst of the first generation and a tenth of its extent beyond. Empty
    /// before that has ended.
    #[serde(serialize_with = "numbers::many", deserialize_with = "numbers::read::many")]
    pub reference: Vec<f64>,
}

/// A candidate could not be evaluated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateFailure {
    /// Which.
    #[serde(serialize_with = "candidate", deserialize_with = "read_candidate")]
    pub candidate: CandidateId,
    /// What happened.
    pub kind: FailureKind,
    /// What the evaluation said: a traceback, the last lines of its output.
    pub message: String,
}

/// Something a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// A sentence without a full stop.
    pub message: String,
}

/// A run is over, or stopped in a way that can be resumed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The run's id.
    pub run: String,
    /// The digest of its history, in hexadecimal.
    pub digest: String,
    /// Committed evaluations.
    pub evaluations: u64,
    /// Seconds it took, pauses not counted.
    #[serde(serialize_with = "numbers::one", deserialize_with = "numbers::read::one")]
    pub seconds: f64,
    /// What ended it.
    pub stop: Stop,
    /// Whether a clock or the machine's memory decided something: a fresh evaluation may differ.
    pub timed: bool,
    /// What the history is a function of, beside the experiment; absent where that is nothing.
    #[serde(default, skip_serializing_if = "Order::is_of_ids")]
    pub order: Order,
    /// The best candidate, with several goals the best in the first; `null` where none could be evaluated.
    pub best: Option<BestGenome>,
    /// With several goals: the front.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub front: Option<Box<Front>>,
}

/// In which order candidates are committed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// In that of their ids: the history is a function of the experiment alone.
    #[default]
    Ids,
    /// In that of completion, which is recorded with the run: replay is exact, a fresh run may differ.
    Completion,
}

impl Order {
    /// Whether it is that of ids.
    pub fn is_of_ids(&self) -> bool {
        *self == Order::Ids
    }

    /// The order in which a run with `algorithm`, as the store keeps it, commits candidates.
    pub fn of_stored(algorithm: &serde_json::Value) -> Order {
        let free = algorithm.pointer("/settings/schedule/Free").is_some();
        if free { Order::Completion } else { Order::Ids }
    }
}

/// What ended a run, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The budget of evaluations.
    Evaluations,
    /// The number of generations.
    Generations,
    /// The target was reached.
    Target,
    /// Nothing better was found for long enough.
    Stall,
    /// The hypervolume of the front has not grown for long enough.
    HypervolumeStall,
    /// The population lies close together.
    Spread,
    /// The time.
    Time,
    /// All the rules that had to hold together.
    All,
    /// Ctrl-C, SIGTERM or another process.
    Interrupted,
    /// None of the first candidates could be evaluated.
    FirstFailed,
    /// A candidate failed where that stops the run.
    Failed,
    /// Too many candidates failed.
    Failures,
}

impl Stop {
    /// The word, as in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Stop::Evaluations => "evaluations",
            Stop::Generations => "generations",
            Stop::Target => "target",
            Stop::Stall => "stall",
            Stop::HypervolumeStall => "hypervolume-stall",
            Stop::Spread => "spread",
            Stop::Time => "time",
            Stop::All => "all",
            Stop::Interrupted => "interrupted",
            Stop::FirstFailed => "first-failed",
            Stop::Failed => "failed",
            Stop::Failures => "failures",
        }
    }
}

impl From<&StopReason> for Stop {
    fn from(reason: &StopReason) -> Stop {
        match reason {
            StopReason::Rule(StopRule::Evaluations(_)) => Stop::Evaluations,
            StopReason::Rule(StopRule::Generations(_)) => Stop::Generations,
            StopReason::Rule(StopRule::Target(_)) => Stop::Target,
            StopReason::Rule(StopRule::Stall(_)) => Stop::Stall,
            StopReason::Rule(StopRule::HypervolumeStall(_)) => Stop::HypervolumeStall,
            StopReason::Rule(StopRule::Spread(_)) => Stop::Spread,
            StopReason::Rule(StopRule::Time(_)) => Stop::Time,
            StopReason::AllRules => Stop::All,
            StopReason::Interrupted => Stop::Interrupted,
            StopReason::FirstFailed { .. } => Stop::FirstFailed,
            StopReason::Failed { .. } => Stop::Failed,
            StopReason::Failures { .. } => Stop::Failures,
        }
    }
}

/// The best candidate in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BestGenome {
    /// One per goal, in the user's units and direction.
    #[serde(serialize_with = "numbers::many", deserialize_with = "numbers::read::many")]
    pub objectives: Vec<f64>,
    /// How far it violates constraints in all; 0: it is feasible.
    #[serde(serialize_with = "numbers::one", deserialize_with = "numbers::read::one")]
    pub violation: f64,
    /// Its parameters that count, by name; see [`genome_to_json`](crate::experiment::genome_to_json).
    pub genome: serde_json::Map<String, serde_json::Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_first(island: &u16) -> bool {
    *island == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn candidate<S: Serializer>(candidate: &CandidateId, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(candidate)
}

fn read_candidate<'de, D: Deserializer<'de>>(deserializer: D) -> Result<CandidateId, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(event: &RunEvent) -> String {
        serde_json::to_string(event).unwrap()
    }

    #[test]
    fn the_last_event_has_its_keys_in_the_order_that_is_promised() {
        let finished = RunEvent::Finished(Finished {
            run: "k3".into(),
            digest: "00ff".into(),
            evaluations: 20,
            seconds: 1.5,
            stop: Stop::Evaluations,
            timed: false,
            order: Order::Ids,
            best: Some(BestGenome {
                objectives: vec![7542.0],
                violation: 0.0,
                genome: [("tour".to_owned(), serde_json::json!([1, 0]))].into_iter().collect(),
            }),
            front: None,
        });
        assert_eq!(
            json(&finished),
            r#"{"event":"finished","run":"k3","digest":"00ff","evaluations":20,"seconds":1.5,"stop":"evaluations","timed":false,"best":{"objectives":[7542.0],"violation":0.0,"genome":{"tour":[1,0]}}}"#
        );
    }

    #[test]
    fn figures_that_are_not_finite_say_which_and_missing_ones_are_null() {
        let generation = RunEvent::Generation(Generation {
            island: 0,
            generation: 3,
            evaluations: 40,
            best: Some(Best { objectives: vec![f64::NEG_INFINITY, 1.0], violation: f64::INFINITY }),
            front: None,
            mean: Some(f64::NAN),
            spread: None,
            evaluations_per_second: Some(2.5),
            busy: None,
            eta_seconds: None,
        });
        assert_eq!(
            json(&generation),
            r#"{"event":"generation","generation":3,"evaluations":40,"best":{"objectives":["-Infinity",1.0],"violation":"Infinity"},"mean":"NaN","spread":null,"evaluations_per_second":2.5,"busy":null,"eta_seconds":null}"#
        );
    }

    #[test]
    fn events_are_read_as_they_are_written_to_the_last_bit() {
        let genome = serde_json::json!({ "x": [0.1 + 0.2, -0.0, 1e300 / 7.0], "flap": "plain" });
        let best = Best { objectives: vec![f64::MIN_POSITIVE / 3.0, f64::NEG_INFINITY], violation: 0.1 + 0.7 };
        let events = [
            RunEvent::Started(Started {
                format: FORMAT,
                run: "k3".into(),
                file: "k3.sqlite".into(),
                problem: "wing:simulate".into(),
                seed: u64::MAX,
                algorithm: "genetic".into(),
                why: "one goal".into(),
                goals: vec![Goal { name: "drag".into(), direction: genetic_pool_evolve::problem::Direction::Maximize }],
                slots: 2,
                parallel: 16,
                budget: None,
                evaluations: 7,
            }),
            RunEvent::Progress(Progress {
                evaluations: 1,
                received: 2,
                running: 3,
                slots: 4,
                seconds: 1.0 / 3.0,
                evaluations_per_second: None,
                busy: Some(f64::INFINITY),
                eta_seconds: Some(1e-320),
                best: Some(best.clone()),
                front: None,
            }),
            RunEvent::Generation(Generation {
                island: 0,
                generation: 3,
                evaluations: 40,
                best: Some(best),
                front: None,
                mean: Some(2.0 / 3.0),
                spread: None,
                evaluations_per_second: Some(2.5),
                busy: None,
                eta_seconds: None,
            }),
            RunEvent::Failure(CandidateFailure {
                candidate: CandidateId::new(3, 17),
                kind: FailureKind::NotANumber,
                message: "drag\n\u{1b}[31m".into(),
            }),
            RunEvent::Note(Note { message: "ä".into() }),
            RunEvent::Finished(Finished {
                run: "k3".into(),
                digest: "00ff".into(),
                evaluations: 20,
                seconds: 1.5,
                stop: Stop::FirstFailed,
                timed: true,
                order: Order::Ids,
                best: Some(BestGenome {
                    objectives: vec![7542.0],
                    violation: f64::INFINITY,
                    genome: genome.as_object().unwrap().clone(),
                }),
                front: Some(Box::new(Front {
                    candidates: 3,
                    hypervolume: Some(0.1 + 0.2),
                    reference: vec![f64::INFINITY, 1.1],
                })),
            }),
        ];
        for event in events {
            let read: RunEvent = serde_json::from_str(&json(&event)).unwrap();
            assert_eq!(read, event);
            assert_eq!(json(&read), json(&event));
        }
        let nothing = r#"{"objectives":["NaN"],"violation":"-Infinity"}"#;
        let best: Best = serde_json::from_str(nothing).unwrap();
        assert!(best.objectives[0].is_nan() && best.violation == f64::NEG_INFINITY);
        serde_json::from_str::<Best>(r#"{"objectives":["lots"],"violation":0.0}"#).unwrap_err();
    }

    #[test]
    fn a_failure_names_its_candidate_as_people_write_it() {
        let failure = RunEvent::Failure(CandidateFailure {
            candidate: CandidateId::new(3, 17),
            kind: FailureKind::NotANumber,
            message: "drag".into(),
        });
        assert_eq!(json(&failure), r#"{"event":"failure","candidate":"3.17","kind":"not-a-number","message":"drag"}"#);
    }
}
