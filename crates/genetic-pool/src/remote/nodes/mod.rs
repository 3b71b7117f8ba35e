//! An evaluator whose slots are on the nodes of a Ray cluster.
//!
//! What is decided, `router` and `flow` decide; what is done, `bridge` does; here the one is told of the other.

mod bridge;
mod canary;
mod flow;
mod options;
mod placed;
mod router;
mod unit;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        mpsc::{RecvTimeoutError, Sender},
    },
    time::{Duration, Instant},
};

use genetic_pool_evolve::{
    evaluator::{Batch, Evaluator, EvaluatorError, Results},
    outcomes::OutcomeShape,
    problem::Signature,
};
use serde_json::json;

pub use self::options::{Options, Placement, UnknownPlacement};
pub(crate) use self::placed::evaluator;
use self::{
    bridge::{Bridge, Event, Joined, Lost},
    canary::{About, Canaries},
    router::Router,
};
use super::greeting::Greeting;
use crate::{
    evaluate::{
        CandidateLog, OutputSink,
        frames::{self, Frame, Kind, Refusal},
    },
    experiment::Experiment,
    store::Environment,
};

/// How long nodes that are on their way are waited for once one is ready.
const STRAGGLERS: Duration = Duration::from_secs(10);

/// Evaluates on the nodes of the Ray cluster this process is in, as they come and go.
///
/// Dropping it ends everything it has started on them.
pub struct Nodes {
    bridge: Bridge,
    router: Router,
    links: BTreeMap<u32, Link>,
    greeting: Greeting,
    seed: u64,
    shape: OutcomeShape,
    deadline: Duration,
    /// Since when there is no node that evaluates.
    without: Option<Instant>,
    /// How many nodes were on their way when one joined last.
    starting: usize,
    trouble: Option<String>,
    results: Results,
    follow: Follow,
}

/// Who is told of what happens beside the results.
#[derive(Clone)]
pub struct Follow {
    /// Takes what evaluations print.
    pub on_output: Option<OutputSink>,
    /// Takes sentences for people.
    pub notes: Sender<String>,
}

/// A node that has joined.
struct Link {
    joined: Joined,
    received: Vec<u8>,
    ready: bool,
}

impl Nodes {
    /// Waits for the first node, and a while for others that are on their way; `interrupted` is asked meanwhile.
    pub fn start(
        experiment: &Experiment,
        options: &Options,
        follow: Follow,
        interrupted: &dyn Fn() -> bool,
    ) -> Result<Nodes, EvaluatorError> {
        let signature = Arc::new(experiment.signature.clone());
        let mut nodes = Nodes {
            bridge: Bridge::start(options, experiment.problem.resources.cpus.max(1))?,
            shape: OutcomeShape::of(&signature),
            router: Router::new(signature, experiment.problem.exactness),
            links: BTreeMap::new(),
            greeting: Greeting {
                version: env!("CARGO_PKG_VERSION").to_owned(),
                experiment: experiment.text.clone(),
                directory: options.directory.clone(),
                interpreter: options.interpreter.clone(),
                slots: 0,
            },
            seed: experiment.seed,
            deadline: options.deadline,
            without: Some(Instant::now()),
            starting: 0,
            trouble: None,
            results: Results::default(),
            follow,
        };
        let mut first = None;
        loop {
            nodes.happen(Duration::from_millis(50))?;
            let complete = nodes.starting == 0 && nodes.links.values().all(|link| link.ready);
            if nodes.router.slots() > 0 {
                let first = *first.get_or_insert_with(Instant::now);
                if complete || first.elapsed() > STRAGGLERS {
                    return Ok(nodes);
                }
            }
            if interrupted() {
                return Err(error("it was interrupted before a node was ready".to_owned(), None));
            }
        }
    }

    /// Takes what the bridge tells, waiting at most `wait` for the first of it, and hands on what follows.
    fn happen(&mut self, wait: Duration) -> Result<(), EvaluatorError> {
        let mut event = match self.bridge.events().recv_timeout(wait) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Event::Ended(String::new())),
        };
        while let Some(happened) = event {
            self.event(happened)?;
            event = self.bridge.events().try_recv().ok();
        }
        self.dispatch();
        if self.router.slots() > 0 {
            self.without = None;
            return Ok(());
        }
        let since = *self.without.get_or_insert_with(Instant::now);
        if since.elapsed() < self.deadline {
            return Ok(());
        }
        let trouble = self.trouble.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
        let seconds = self.deadline.as_secs();
        Err(error(
            format!("no node of the cluster has been ready to evaluate for {seconds} s{trouble}"),
            Some(
                "`genetic-pool cluster status` shows its nodes, `genetic-pool cluster up` heals it, `resume` goes on"
                    .to_owned(),
            ),
        ))
    }

    fn event(&mut self, event: Event) -> Result<(), EvaluatorError> {
        match event {
            Event::Joined(joined) => {
                self.starting = joined.starting;
                let greeting = Greeting { slots: joined.slots, ..self.greeting.clone() };
                let mut frame = Vec::new();
                frames::write_json(&mut frame, Kind::Hello, &json!(greeting));
                self.bridge.carry(joined.node, Duration::ZERO, &frame);
                self.links.insert(joined.node, Link { joined, received: Vec::new(), ready: false });
                Ok(())
            }
            Event::Carried { node, bytes } => self.carried(node, &bytes),
            Event::Lost(Lost { node, name, why }) => {
                self.trouble = Some(format!("`{name}` is lost: {why}"));
                let joined = self.links.remove(&node).is_some();
                let again = self.router.lose(node)?;
                if joined {
                    let again = if again == 1 { "1 candidate".to_owned() } else { format!("{again} candidates") };
                    self.note(format!("`{name}` is lost, {again} it held will be evaluated again: {why}"));
                }
                Ok(())
            }
            Event::Trouble(text) => {
                if self.trouble.as_ref() != Some(&text) && self.router.slots() > 0 {
                    self.note(text.clone());
                }
                self.trouble = Some(text);
                Ok(())
            }
            Event::Ended(words) => {
                let how = self.bridge.how_it_ended();
                Err(error(
                    [format!("the bridge to Ray has ended ({how})"), words].join("\n").trim_end().to_owned(),
                    Some("`resume` goes on with the run".to_owned()),
                ))
            }
        }
    }

    /// Takes bytes of a node: frames, and the beginning of one.
    fn carried(&mut self, node: u32, bytes: &[u8]) -> Result<(), EvaluatorError> {
        let Some(mut link) = self.links.remove(&node) else { return Ok(()) };
        let mut received = std::mem::take(&mut link.received);
        received.extend_from_slice(bytes);
        let mut read = 0;
        while let Some(frame) = Frame::first(&received[read..]).map_err(|fault| nonsense(&link, &fault.to_string()))? {
            self.frame(&mut link, frame)?;
            read += frame.length();
        }
        received.drain(..read);
        link.received = received;
        self.links.insert(node, link);
        Ok(())
    }

    fn frame(&mut self, link: &mut Link, frame: Frame<'_>) -> Result<(), EvaluatorError> {
        let nonsense = |fault: serde_json::Error| nonsense(link, &fault.to_string());
        match frame.kind {
            Kind::Ready => {
                let environment: Environment = serde_json::from_slice(frame.body).map_err(nonsense)?;
                let Joined { node, name, slots, .. } = link.joined.clone();
                self.router.join(About { place: node, name, environment }, slots);
                link.ready = true;
                Ok(())
            }
            Kind::Refused | Kind::Error => {
                let Refusal { message, hint } = serde_json::from_slice(frame.body).map_err(nonsense)?;
                Err(error(format!("`{}` cannot evaluate: {message}", link.joined.name), hint))
            }
            Kind::Output => {
                let log: CandidateLog = serde_json::from_slice(frame.body).map_err(nonsense)?;
                // What canaries print was printed before.
                if let Some(sink) = &self.follow.on_output
                    && !self.router.is_canary(link.joined.node, log.candidate)
                {
                    sink(log);
                }
                Ok(())
            }
            Kind::Results => {
                let cancels = frames::read_results(frame.body, self.shape, &mut self.results)
                    .map_err(|fault| error(format!("`{}` sent nonsense: {fault}", link.joined.name), None))?;
                if let Some(note) = self.router.found(link.joined.node, cancels, &self.results)? {
                    self.note(note);
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Sends what the router has for the nodes.
    fn dispatch(&mut self) {
        for dispatch in self.router.dispatch() {
            let mut frame = Vec::new();
            unit::write(&mut frame, self.seed, &dispatch.units);
            self.bridge.carry(dispatch.node, dispatch.gather, &frame);
        }
    }

    /// A view that is gone misses nothing.
    fn note(&self, text: String) {
        let _ = self.follow.notes.send(text);
    }

    /// What an evaluation takes, where it is known.
    fn seconds(&self) -> Option<f64> {
        self.router.seconds()
    }

    fn signature(&self) -> Arc<Signature> {
        self.router.signature()
    }

    fn canaries_mut(&mut self) -> &mut Canaries {
        self.router.canaries_mut()
    }
}

impl Evaluator for Nodes {
    fn slots(&self) -> usize {
        self.router.slots()
    }

    fn submit(&mut self, batch: &mut Batch) -> Result<(), EvaluatorError> {
        self.router.submit(batch);
        self.dispatch();
        Ok(())
    }

    fn receive(&mut self, results: &mut Results, wait: Duration) -> Result<(), EvaluatorError> {
        let until = Instant::now() + wait;
        let mut left = Duration::ZERO;
        loop {
            self.happen(left)?;
            if self.router.take_found(results) || !self.router.is_waiting() {
                return Ok(());
            }
            left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            // The deadline of a cluster without nodes is looked at now and then.
            left = left.min(Duration::from_secs(1));
        }
    }

    fn cancel(&mut self) {
        let mut frame = Vec::new();
        frames::write(&mut frame, Kind::Cancel, |_| {});
        for node in self.router.cancel() {
            self.bridge.carry(node, Duration::ZERO, &frame);
        }
    }
}

fn nonsense(link: &Link, fault: &str) -> EvaluatorError {
    error(format!("`{}` sent nonsense: {fault}", link.joined.name), None)
}

fn error(message: String, hint: Option<String>) -> EvaluatorError {
    EvaluatorError { message, hint, source: None }
}
