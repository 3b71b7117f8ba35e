//! `image build|sbom`: the image of a cluster's nodes.

mod build;
pub(super) mod progress;
mod sbom;

use clap::{Args, Subcommand};

use super::{Context, Exit, engine::EngineArgs, error::CliError};

/// Builds the image of a cluster's nodes, and lists what is in it
///
/// It holds Python, Ray and what your evaluations need, and no genetic-pool: a run ships itself.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  genetic-pool image build
  genetic-pool image build --requirements requirements.txt
  genetic-pool image sbom --output image.cdx.json")]
pub(super) struct Image {
    #[command(subcommand)]
    verb: Verb,
    #[command(flatten)]
    engine: EngineArgs,
}

#[derive(Subcommand, Debug)]
enum Verb {
    Build(build::Build),
    Sbom(sbom::Sbom),
}

impl Image {
    pub(super) fn run(self, context: &Context<'_>) -> Result<Exit, CliError> {
        match self.verb {
            Verb::Build(verb) => verb.run(&self.engine, context),
            Verb::Sbom(verb) => verb.run(&self.engine, context),
        }
    }
}
