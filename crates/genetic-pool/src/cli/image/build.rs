//! `image build`.

use std::path::PathBuf;

use clap::Args;
use genetic_pool_cluster::{
    ClusterError,
    image::{self, BuildOptions, Built},
    names::DEFAULT_IMAGE,
};
use serde_json::json;

use super::{Context, EngineArgs, Exit, progress::Steps, sbom};
use crate::cli::{error::CliError, words};

/// Builds the image of a cluster's nodes, where no image of the same inputs is there
///
/// The base may be any image made from Debian, with a Python that Ray supports or without any (Debian's own is
/// installed then). The environment may name the base and the certificates for all images that are built here, also by
/// `cluster up`: GENETIC_POOL_BASE, GENETIC_POOL_CA_BUNDLE.
#[derive(Args, Debug)]
#[expect(clippy::doc_markdown, reason = "it is the text of `--help`")]
#[command(after_help = "\
Examples:
  genetic-pool image build
  genetic-pool image build --requirements pyproject.toml --tag wing:1
  genetic-pool image build --base debian:bookworm-slim --ca-bundle /etc/ssl/certs/ca-certificates.crt")]
pub(super) struct Build {
    /// The image below it [default: $GENETIC_POOL_BASE, else python:3.12-slim]
    #[arg(long, value_name = "IMAGE")]
    base: Option<String>,
    /// What it will be called
    #[arg(long, value_name = "NAME", default_value = DEFAULT_IMAGE)]
    tag: String,
    /// What the evaluations need: a requirements.txt, or a pyproject.toml with dependencies
    #[arg(long, value_name = "FILE")]
    requirements: Option<PathBuf>,
    /// Certificates (PEM) to trust where a proxy inspects TLS; in no layer [default: $GENETIC_POOL_CA_BUNDLE]
    #[arg(long, value_name = "FILE")]
    ca_bundle: Option<PathBuf>,
    /// Writes what is in it to FILE, as CycloneDX
    #[arg(long, value_name = "FILE")]
    sbom: Option<PathBuf>,
    /// Does every step anew
    #[arg(long)]
    no_cache: bool,
    /// Asks the registry for the newest base
    #[arg(long)]
    pull: bool,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Build {
    pub(super) fn run(self, engine: &EngineArgs, context: &Context<'_>) -> Result<Exit, CliError> {
        let options = self.options();
        let mut file = self.sbom.as_deref().map(sbom::create).transpose()?;
        let built = engine.with(async |engine, cancel| {
            let mut steps = Steps::new(context.printer);
            let built = image::build(&engine, &options, &mut |event| steps.event(event), &cancel).await;
            drop(steps);
            let built = built.map_err(ClusterError::from)?;
            if let Some(file) = &mut file {
                let document = image::sbom(&engine, &built.tag).await.map_err(ClusterError::from)?;
                file.write(&document)?;
            }
            Ok(built)
        })?;
        if self.json {
            context.printer.json(&json!({
                "format": 1,
                "image": built.tag,
                "id": built.id,
                "inputs": built.inputs,
                "rebuilt": built.rebuilt,
                "bytes": built.size,
                "seconds": built.seconds,
            }))?;
        } else {
            context.printer.data(told(&built))?;
            if built.rebuilt && built.tag == DEFAULT_IMAGE {
                context.printer.next(&[format!("{} cluster up --workers 2", context.program)]);
            }
        }
        Ok(Exit::Ok)
    }

    fn options(&self) -> BuildOptions {
        let place = BuildOptions::from_environment();
        BuildOptions {
            base: self.base.clone().unwrap_or(place.base),
            tag: self.tag.clone(),
            requirements: self.requirements.clone(),
            ca_bundle: self.ca_bundle.clone().or(place.ca_bundle),
            no_cache: self.no_cache,
            pull: self.pull,
        }
    }
}

fn told(built: &Built) -> String {
    let id = built.id.trim_start_matches("sha256:");
    let id = id.get(..12).unwrap_or(id);
    let size = words::bytes(built.size);
    if built.rebuilt {
        format!("{} ({id}, {size}) built in {}", built.tag, words::seconds(built.seconds))
    } else {
        format!("{} ({id}, {size}) is there: the same inputs are not built again", built.tag)
    }
}

#[cfg(test)]
mod tests {
    use genetic_pool_cluster::image::DEFAULT_BASE;

    use super::*;

    #[test]
    fn the_help_names_the_default_base() {
        use clap::CommandFactory;
        #[derive(clap::Parser)]
        struct Command {
            #[command(flatten)]
            build: Build,
        }
        let help = Command::command().render_help().to_string();
        assert!(help.contains(&format!("else {DEFAULT_BASE}]")), "{help}");
    }

    #[test]
    fn an_image_is_told_in_a_line() {
        let mut built = Built {
            id: "sha256:0123456789abcdef".to_owned(),
            tag: "a:b".to_owned(),
            inputs: String::new(),
            rebuilt: true,
            size: 538_000_000,
            seconds: 35.2,
        };
        assert_eq!(told(&built), "a:b (0123456789ab, 513.1 MiB) built in 35 s");
        built.rebuilt = false;
        assert_eq!(told(&built), "a:b (0123456789ab, 513.1 MiB) is there: the same inputs are not built again");
    }
}
