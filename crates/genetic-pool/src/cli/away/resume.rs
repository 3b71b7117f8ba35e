//! Where a run is gone on with: on its cluster, or here.

use std::{path::PathBuf, str::FromStr};

use genetic_pool_cluster::{
    cluster::Cluster,
    engine::Engine,
    names::{ClusterName, NameError},
};

use super::{Elsewhere, Following, Found, begin::at_home, ended};
use crate::{
    cli::{Context, Exit, error::CliError, workplace::Workplace},
    remote::{self, Link, Records, RemoteError},
    store::Home,
};

/// Where a run is to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) enum On {
    /// In this process.
    Here,
    /// On this cluster.
    Cluster(ClusterName),
}

impl FromStr for On {
    type Err = NameError;

    fn from_str(text: &str) -> Result<On, NameError> {
        if text == "here" { Ok(On::Here) } else { text.parse().map(On::Cluster) }
    }
}

/// What was asked for.
pub(in crate::cli) struct Resuming<'a> {
    pub(in crate::cli) run: &'a str,
    pub(in crate::cli) on: Option<&'a On>,
    pub(in crate::cli) keep_outcomes: bool,
    pub(in crate::cli) workplace: &'a Workplace,
    pub(in crate::cli) elsewhere: &'a Elsewhere,
}

/// What came of it.
pub(in crate::cli) enum Resumed {
    /// It went on on its cluster.
    There(Exit),
    /// It is to go on here, from this file.
    Here(PathBuf),
}

/// Goes on with a run where it is at home, unless it is wanted elsewhere.
pub(in crate::cli) fn resume(asked: &Resuming<'_>, context: &Context<'_>, home: &Home) -> Result<Resumed, CliError> {
    let following = Following { context, home, json: asked.workplace.json };
    if let Some(On::Cluster(name)) = asked.on {
        let cluster = |engine: Engine| Cluster { engine, name: name.clone() };
        let exit = asked.elsewhere.engine.with(async |engine, cancel| {
            let link = Link::open(cluster(engine)).await?;
            let known: Vec<_> = remote::submissions(&link.cluster).await?.into_iter().map(|it| it.job.run).collect();
            let Ok(run) = home.choose(asked.run, &known) else { return Err(at_home(home, asked.run, name)) };
            let (workplace, keep) = (asked.workplace, asked.keep_outcomes);
            asked.elsewhere.resume(&following, &link, workplace, run, keep, &cancel).await
        })?;
        return Ok(Resumed::There(exit));
    }
    if asked.run.contains('/') {
        return Ok(Resumed::Here(home.resolve(asked.run)?));
    }
    let (run, Some(away)) = Records::of(home).choose(home, asked.run)? else {
        return Ok(Resumed::Here(home.resolve(asked.run)?));
    };
    let found = Found { run, away };
    found.with(&asked.elsewhere.engine, async |cluster, cancel| {
        let run = found.run.clone();
        if asked.on == Some(&On::Here) {
            return bring(&following, &cluster, &found).await.map(Resumed::Here);
        }
        let link = Link::open(cluster).await?;
        let (workplace, keep) = (asked.workplace, asked.keep_outcomes);
        asked.elsewhere.resume(&following, &link, workplace, run, keep, &cancel).await.map(Resumed::There)
    })
}

/// Stops a run on its cluster, if it is under way there, and fetches it for good.
async fn bring(following: &Following<'_>, cluster: &Cluster, found: &Found) -> Result<PathBuf, CliError> {
    let run = &found.run;
    let state = cluster.state();
    let active = remote::active_runs(cluster).await?;
    if let Some(active) = active.into_iter().find(|active| active.job.run == *run) {
        let link = Link::open(cluster.clone()).await?;
        following.context.printer.talk(format_args!("run {run} is stopped on cluster {}", cluster.name));
        ended(&link, &active.job).await?;
    }
    let fetched = following.fetch(cluster, run).await?;
    let path = fetched.ok_or_else(|| RemoteError::Nothing { run: run.clone(), cluster: cluster.name.clone() })?;
    // From now on what the cluster has of it is old.
    state.remove_job(run.as_str()).await.map_err(RemoteError::from)?;
    Records::of(following.home).remove(run)?;
    Ok(path)
}
