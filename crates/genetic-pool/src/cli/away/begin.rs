//! A run is begun on a cluster, or gone on with there.

use genetic_pool_cluster::{ClusterError, cluster::Cluster, engine::Engine, names::ClusterName};
use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{Elsewhere, Following};
use crate::{
    cli::{
        Context, Exit,
        error::CliError,
        workplace::{Workplace, typed},
    },
    experiment::{Experiment, Fitness, Keep, Overrides},
    remote::{self, Link, Order, Records, RemoteError},
    run::{self, Plan},
    store::{Home, RunId, RunReader, StoreError},
};

impl Elsewhere {
    /// Begins a run of `experiment`, called `name`, on `cluster`.
    pub(in crate::cli) fn begin(
        &self,
        context: &Context<'_>,
        home: &Home,
        workplace: &Workplace,
        experiment: &Experiment,
        name: String,
        cluster: ClusterName,
    ) -> Result<Exit, CliError> {
        // What the driver would refuse is refused before anything is sent.
        Plan::new(experiment)?.begin(experiment)?;
        said(context, experiment);
        let order = Order {
            run: RunId::new(Timestamp::now()),
            name,
            experiment: experiment.text.clone(),
            directory: experiment.directory.clone(),
            files: run::files(experiment).map_err(RemoteError::from)?,
            keep_outcomes: false,
            ..self.order(workplace)
        };
        self.engine.with(async |engine: Engine, cancel| {
            let link = unless(&cancel, Link::open(Cluster { engine, name: cluster })).await?;
            self.work(&Following { context, home, json: workplace.json }, &link, order, &cancel).await
        })
    }

    /// Goes on with run `run` on the cluster of `link`, whose file is here at `path`, as it was fetched.
    pub(in crate::cli) async fn resume(
        &self,
        following: &Following<'_>,
        link: &Link,
        workplace: &Workplace,
        run: RunId,
        keep_outcomes: bool,
        cancel: &CancellationToken,
    ) -> Result<Exit, CliError> {
        let cluster = || link.cluster.name.clone();
        let unknown = || RemoteError::UnknownRun { run: run.to_string(), cluster: cluster() };
        let before = remote::submission(link, &run).await?.ok_or_else(unknown)?;
        if remote::active_runs(&link.cluster).await?.iter().any(|active| active.job.run == run) {
            return Err(RemoteError::UnderWay { run, cluster: cluster() }.into());
        }
        let path = following.fetch(&link.cluster, &run).await?;
        let path = path.ok_or_else(|| RemoteError::Nothing { run: run.clone(), cluster: cluster() })?;
        let reader = RunReader::open(&path)?;
        reader.resumable()?;
        let files = if keep_outcomes {
            // Mended code: that of the experiment's folder takes the place of what the run was begun with.
            let registry = following.context.registry;
            let experiment = run::stored_experiment(&path, &Overrides::default(), registry)?;
            run::files(&experiment).map_err(RemoteError::from)?
        } else {
            reader.files()?
        };
        let order = Order {
            run,
            name: reader.meta().name.clone(),
            experiment: reader.meta().experiment.clone(),
            directory: before.job.directory,
            files,
            keep_outcomes,
            ..self.order(workplace)
        };
        drop(reader);
        self.work(following, link, order, cancel).await
    }

    async fn work(
        &self,
        following: &Following<'_>,
        link: &Link,
        order: Order,
        cancel: &CancellationToken,
    ) -> Result<Exit, CliError> {
        let Context { printer, program, .. } = following.context;
        let tell = |text: &str| printer.talk(text);
        let run = order.run.clone();
        let job = match unless(cancel, remote::submit(link, following.home, order, &tell)).await {
            Err(error) if cancel.is_cancelled() => {
                if Records::of(following.home).get(&run)?.is_some() {
                    printer.note(format_args!("run {run} may be under way: `{program} stop {run}` stops it"));
                }
                return Err(error);
            }
            job => job?,
        };
        if self.detach { following.detached(link, &job) } else { following.to_the_end(link, &job, cancel).await }
    }

    /// What is the same for every run that is ordered by these flags.
    fn order(&self, workplace: &Workplace) -> Order {
        Order {
            run: RunId::new(Timestamp::now()),
            name: String::new(),
            experiment: String::new(),
            directory: std::path::PathBuf::new(),
            files: Vec::new(),
            ship: self.ship.clone(),
            command: typed(),
            place: self.place,
            slots: workplace.slots.map(std::num::NonZero::get),
            keep_outcomes: false,
            engine: self.engine.address().map(str::to_owned),
        }
    }
}

/// What `work` comes to, unless the program is interrupted before.
async fn unless<T>(
    cancel: &CancellationToken,
    work: impl Future<Output = Result<T, RemoteError>>,
) -> Result<T, CliError> {
    tokio::select! {
        result = work => Ok(result?),
        () = cancel.cancelled() => Err(ClusterError::Interrupted.into()),
    }
}

/// Says what of the experiment does not travel.
fn said(context: &Context<'_>, experiment: &Experiment) {
    if let Fitness::Python { interpreter: Some(path), .. } = &experiment.problem.fitness {
        let path = path.display();
        context.printer.note(format_args!("the image's Python evaluates on the cluster, and not `{path}`"));
    }
    if !experiment.problem.environment.is_empty() {
        let names = experiment.problem.environment.join("`, `");
        context.printer.note(format_args!("the nodes' own values of `{names}` count: none are sent"));
    }
    // Those of failures are kept unless somebody says otherwise: nobody has asked for them.
    if experiment.problem.keep.iter().any(|keep| *keep != Keep::Failures) {
        context
            .printer
            .note(format_args!("scratch folders that `problem.keep` keeps do not come back from the cluster"));
    }
}

/// The run at home here is asked for elsewhere.
pub(in crate::cli) fn at_home(home: &Home, run: &str, cluster: &ClusterName) -> CliError {
    match home.resolve(run).and_then(|path| Ok(RunReader::open(&path)?.id())) {
        Ok(run) => RemoteError::AtHome { run, cluster: cluster.clone() }.into(),
        Err(StoreError::NoRuns { .. } | StoreError::Unknown { .. }) => {
            RemoteError::UnknownRun { run: run.to_owned(), cluster: cluster.clone() }.into()
        }
        Err(error) => error.into(),
    }
}
