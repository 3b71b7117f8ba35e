//! What stands between this machine and a cluster, each finding with its remedy.

mod access;
mod build;
mod image;
mod leftovers;
mod machine;
mod port;
mod report;

use std::{future::Future, time::Duration};

use serde::Serialize;

pub use self::report::Report;
use crate::{
    engine::{Endpoint, Engine, EngineError, Facts, Surroundings},
    error::in_full,
    names::DEFAULT_IMAGE,
};

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was looked at, in one word that never changes.
    pub name: &'static str,
    /// How it is.
    pub state: State,
    /// What was seen.
    pub seen: String,
    /// What to do about it, where something can be done.
    pub remedy: Option<String>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Clusters work, some of them or not as well as they could.
    Warning,
    /// Clusters do not work.
    Problem,
    /// It could not be seen.
    Unknown,
}

/// Looks at everything, as far as it can be seen: at the engine `host` names, or that Docker's command line would use.
pub async fn examine(host: Option<&str>) -> Report {
    let endpoint = Endpoint::resolve(host, &Surroundings::of_process());
    let (endpoint, connected) = match endpoint {
        Ok(endpoint) => (Some(endpoint.clone()), Engine::at(endpoint).await),
        Err(error) => (None, Err(error)),
    };
    let mut findings = vec![access::engine(endpoint.as_ref(), &connected)];
    findings.push(access::permission(endpoint.as_ref(), connected.as_ref().map(|_| ())));
    let engine = match connected {
        Ok(engine) => engine,
        Err(error) => {
            // What needs no engine is looked at all the same.
            findings.push(access::program(&error, access::is_installed()));
            findings.push(port::of(endpoint.as_ref().is_some_and(Endpoint::is_on_this_machine), None));
            return Report { findings };
        }
    };
    let facts = in_time(engine.facts()).await;
    let local = in_time(engine.is_local()).await.unwrap_or(false);
    findings.push(access::api(engine.version()));
    findings.push(build::buildkit(&engine).await);
    match &facts {
        Ok(facts) => findings.extend(of_machine(&engine, facts, local).await),
        Err(seen) => findings.extend(MACHINE.map(|name| Finding::unknown(name, seen.clone()))),
    }
    findings.push(port::of(local, Some(port::publishers(&engine).await)));
    findings.push(image::of(image::look(&engine, DEFAULT_IMAGE).await, engine.version()));
    findings.push(leftovers::of(leftovers::look(&engine).await));
    Report { findings }
}

const MACHINE: [&str; 6] = ["cgroups", "cpus", "memory", "shm", "disk", "clock"];

async fn of_machine(engine: &Engine, facts: &Facts, local: bool) -> [Finding; 6] {
    let room = machine::room(engine, facts, local).await;
    [
        machine::cgroups(facts),
        machine::cpus(facts),
        machine::memory(facts),
        machine::shm(facts),
        machine::disk(&facts.root, room),
        machine::clock(&facts.time, jiff::Timestamp::now()),
    ]
}

impl Finding {
    fn ok(name: &'static str, seen: impl Into<String>) -> Finding {
        Finding { name, state: State::Ok, seen: seen.into(), remedy: None }
    }

    fn warning(name: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { name, state: State::Warning, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    fn problem(name: &'static str, seen: impl Into<String>, remedy: impl Into<String>) -> Finding {
        Finding { name, state: State::Problem, seen: seen.into(), remedy: Some(remedy.into()) }
    }

    fn unknown(name: &'static str, seen: impl Into<String>) -> Finding {
        Finding { name, state: State::Unknown, seen: seen.into(), remedy: None }
    }
}

/// What `question` came to within [`PATIENCE`], or why it did not.
async fn in_time<T>(question: impl Future<Output = Result<T, EngineError>>) -> Result<T, String> {
    match tokio::time::timeout(PATIENCE, question).await {
        Ok(answer) => answer.map_err(|error| in_full(&error)),
        Err(_) => Err(format!("the engine did not answer within {} s", PATIENCE.as_secs())),
    }
}
