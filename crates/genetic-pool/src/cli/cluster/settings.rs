//! The flags that say what a cluster is to be.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use genetic_pool_cluster::{
    ClusterError,
    cluster::{DEFAULT_TIMEOUT, NodeSettings, Settings, UpOptions, limits, parse_bytes},
    spec::Port,
};

use crate::{cli::error::CliError, experiment::parse_duration};

#[derive(Args, Clone, Debug)]
pub(super) struct SettingsArgs {
    /// How many workers; 2 unless there are others already
    #[arg(long, value_name = "N", value_parser = |text: &str| count("workers", text))]
    workers: Option<u16>,
    /// Evaluations a worker takes at once; else its CPUs. May exceed them, for evaluations that wait
    #[arg(long, value_name = "N", value_parser = |text: &str| count("slots_per_worker", text))]
    slots_per_worker: Option<u16>,
    /// CPUs of a worker; else its share of the engine's
    #[arg(long, value_name = "N", value_parser = |text: &str| count("worker.cpus", text))]
    cpus: Option<u16>,
    /// Memory of a worker, like 4GiB; else 2 GiB for each of its CPUs, at most half of its share of the engine's
    #[arg(long, value_name = "SIZE", value_parser = |text: &str| size("worker.memory", text))]
    memory: Option<u64>,
    /// Shared memory of a worker, part of its memory
    #[arg(long, value_name = "SIZE", value_parser = |text: &str| size("worker.shm", text))]
    shm: Option<u64>,
    /// Where Ray's HTTP is published on 127.0.0.1, or `any` for a port that is free; else 8265, for further clusters
    /// `any`
    #[arg(long, value_name = "PORT", value_parser = port)]
    port: Option<Port>,
    /// The image of the nodes
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// Lets workers reach what the engine's machine reaches
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    egress: Option<bool>,
    /// Publishes Ray Client's port on 127.0.0.1
    #[arg(long, value_name = "BOOL", num_args = 0..=1, default_missing_value = "true", require_equals = true)]
    ray_client: Option<bool>,
    /// A file that says the same and more, like the head's size; the other options take precedence
    #[arg(long, value_name = "cluster.toml")]
    file: Option<PathBuf>,
}

/// How long to wait, and what to leave.
#[derive(Args, Clone, Debug)]
pub(super) struct PatienceArgs {
    /// How long the nodes may take to be ready, like 5min
    #[arg(long, value_name = "TIME", value_parser = duration, default_value = "3min")]
    timeout: Duration,
    /// Leaves what was begun as it is where it fails, to be looked at
    #[arg(long)]
    keep: bool,
    /// Replaces nodes also while a run is at work on them
    #[arg(long)]
    force: bool,
}

impl SettingsArgs {
    pub(super) fn settings(self) -> Result<Settings, CliError> {
        let file = self.file.as_deref().map(Settings::read).transpose().map_err(ClusterError::from)?;
        let flags = Settings {
            image: self.image,
            workers: self.workers,
            slots_per_worker: self.slots_per_worker,
            worker: NodeSettings { cpus: self.cpus, memory: self.memory, shm: self.shm },
            head: NodeSettings::default(),
            port: self.port,
            egress: self.egress,
            ray_client: self.ray_client,
        };
        Ok(flags.or(file.unwrap_or_default()))
    }
}

impl PatienceArgs {
    pub(super) fn options(self, settings: Settings) -> UpOptions {
        debug_assert_eq!(DEFAULT_TIMEOUT, Duration::from_mins(3), "the help says so");
        UpOptions { settings, timeout: self.timeout, keep: self.keep, force: self.force }
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    parse_duration(text).map_err(|error| match error.hint {
        Some(hint) => format!("it {}; write {hint}", error.message),
        None => format!("it {}", error.message),
    })
}

/// A whole number that the key `key` allows.
pub(super) fn count(key: &str, text: &str) -> Result<u16, String> {
    let range = limits(key).unwrap_or(0..=u64::from(u16::MAX));
    let number = text.parse::<u64>().ok().filter(|number| range.contains(number));
    let allowed = || format!("allowed is a whole number from {} to {}", range.start(), range.end());
    number.and_then(|number| u16::try_from(number).ok()).ok_or_else(allowed)
}

fn size(key: &str, text: &str) -> Result<u64, String> {
    let bytes = parse_bytes(text)?;
    match limits(key) {
        Some(range) if bytes < *range.start() => {
            Err(format!("at least {} is needed", genetic_pool_cluster::cluster::format_bytes(*range.start())))
        }
        _ => Ok(bytes),
    }
}

fn port(text: &str) -> Result<Port, String> {
    if text == "any" {
        return Ok(Port::Any);
    }
    let port = text.parse().ok().filter(|port| *port > 0).map(Port::Fixed);
    port.ok_or_else(|| "allowed is a port from 1 to 65535, or `any`".to_owned())
}
