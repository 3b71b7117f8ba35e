//! `--engine`: the engine a verb works on, for the verbs that need one.

use clap::Args;
use genetic_pool_cluster::{ClusterError, engine::Engine};
use tokio_util::sync::CancellationToken;

use super::error::CliError;

#[derive(Args, Clone, Debug)]
pub(super) struct EngineArgs {
    /// Docker's engine, as `unix:///path` or `tcp://host:port`; else where `docker` itself would find it
    #[arg(long, value_name = "ADDRESS", global = true)]
    engine: Option<String>,
}

impl EngineArgs {
    /// The engine as it was named; `None`: it was not.
    pub(super) fn address(&self) -> Option<&str> {
        self.engine.as_deref()
    }

    /// The same, with `engine` where none was named.
    pub(super) fn or(&self, engine: Option<String>) -> EngineArgs {
        EngineArgs { engine: self.engine.clone().or(engine) }
    }

    /// Connects to the engine and has `work` done with it; see [`run`].
    pub(super) fn with<T>(
        &self,
        work: impl AsyncFnOnce(Engine, CancellationToken) -> Result<T, CliError>,
    ) -> Result<T, CliError> {
        run(async |cancel| {
            let engine = Engine::connect(self.address()).await.map_err(ClusterError::from)?;
            work(engine, cancel).await
        })
    }
}

/// Has `work` done; Ctrl-C and SIGTERM cancel the token that it is given, a second one ends the process.
pub(super) fn run<T>(work: impl AsyncFnOnce(CancellationToken) -> Result<T, CliError>) -> Result<T, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Signals { source })?;
    runtime.block_on(async {
        let cancel = CancellationToken::new();
        tokio::spawn(signals(cancel.clone()));
        work(cancel).await
    })
}

async fn signals(cancel: CancellationToken) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        if cancel.is_cancelled() {
            std::process::exit(i32::from(super::Exit::Interrupted.code()));
        }
        cancel.cancel();
    }
}
