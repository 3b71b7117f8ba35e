//! Builds the image, deploys a cluster, asks for its health, reads what its nodes print and take, and removes it.

use futures_util::TryStreamExt;
use genetic_pool_cluster::{
    ClusterError,
    cluster::{Cluster, LogOptions, Settings, StatsOptions, UpOptions},
    engine::Engine,
    image::{self, BuildOptions},
    names::ClusterName,
};
use tokio_util::sync::CancellationToken;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    deploy(Engine::connect(None).await?, &BuildOptions::from_environment(), "deployed".parse()?, 2).await?;
    Ok(())
}

pub(crate) async fn deploy(
    engine: Engine,
    options: &BuildOptions,
    name: ClusterName,
    workers: u16,
) -> Result<(), ClusterError> {
    let cancel = CancellationToken::new();
    let built = image::build(&engine, options, &mut |event| println!("{event:?}"), &cancel).await?;

    let cluster = Cluster { engine, name };
    let settings = Settings { image: Some(built.tag), workers: Some(workers), ..Settings::default() };
    let options = UpOptions { settings, ..UpOptions::default() };
    cluster.up(&options, &|event| println!("{event:?}"), &cancel).await?;

    for node in cluster.status().await?.nodes {
        println!("{node:?}");
    }
    let mut lines = cluster.logs(LogOptions { tail: Some(5), ..LogOptions::default() }).await?;
    while let Some(line) = lines.try_next().await? {
        println!("{}: {}", line.node, line.text);
    }
    let mut figures = cluster.stats(StatsOptions::default()).await?;
    while let Some(node) = figures.try_next().await? {
        println!("{}: {:.0} % of a CPU, {} bytes", node.node, node.cpu_percent, node.memory);
    }
    cluster.down(false, &|event| println!("{event:?}")).await?;
    Ok(())
}
