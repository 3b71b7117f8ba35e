//! Which files there are.

use bollard::{container::PathStatResponse, errors::Error, query_parameters::ContainerArchiveInfoOptionsBuilder};
use futures_util::future::join_all;

use super::program::Program;
use crate::{
    ClusterError,
    cluster::{Cluster, WatchError, archive, watched::Found},
    engine::EngineError,
};

/// A file of Ray's, by its path below the folder of logs of Ray's present session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cluster::logs) struct File {
    pub(super) name: String,
}

impl File {
    /// The file `name`, which must be on one of `nodes` at least.
    pub(in crate::cluster::logs) async fn find(
        cluster: &Cluster,
        nodes: &[Found],
        name: &str,
    ) -> Result<File, ClusterError> {
        let file = File { name: name.to_owned() };
        let below = !name.split('/').any(|part| matches!(part, "" | "." | ".."));
        if below {
            let there = join_all(nodes.iter().map(|node| file.is_on(cluster, node))).await;
            if there.into_iter().collect::<Result<Vec<bool>, _>>()?.contains(&true) {
                return Ok(file);
            }
        }
        let files = join_all(nodes.iter().map(|node| files(cluster, node))).await;
        let mut files: Vec<String> = files.into_iter().collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        files.sort();
        files.dedup();
        let nodes = nodes.iter().map(|node| node.role.to_string()).collect();
        Err(WatchError::File { file: name.to_owned(), nodes, files }.into())
    }

    /// Where it is inside nodes.
    pub(super) fn path(&self) -> String {
        format!("{FOLDER}/{}", self.name)
    }

    async fn is_on(&self, cluster: &Cluster, node: &Found) -> Result<bool, EngineError> {
        let stat = stat(cluster, node, &self.path()).await;
        stat.map(|stat| stat.is_some())
            .map_err(|error| EngineError::of(format!("look for `{}` on {}", self.name, node.role), error))
    }
}

async fn stat(cluster: &Cluster, node: &Found, path: &str) -> Result<Option<PathStatResponse>, Error> {
    let options = ContainerArchiveInfoOptionsBuilder::default().path(path).build();
    match cluster.engine.docker().get_container_archive_info(&node.id, Some(options)).await {
        Ok(stat) => Ok(Some(stat)),
        Err(Error::DockerResponseServerError { status_code: 404 | 409, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

const FOLDER: &str = "/ray/session_latest/logs";

/// The files there are on `node`, by their paths below [`FOLDER`].
async fn files(cluster: &Cluster, node: &Found) -> Result<Vec<String>, ClusterError> {
    let failed = |error| EngineError::of(format!("list Ray's files on {}", node.role), error);
    if node.running {
        let program = Program::run(&cluster.engine, &node.id, &["find", FOLDER, "-type", "f"]);
        let (output, said) = program.await.map_err(failed)?.printed().await.map_err(failed)?;
        let output = String::from_utf8_lossy(&output);
        let prefix = format!("{FOLDER}/");
        let files: Vec<String> =
            output.lines().filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned).collect();
        // Before Ray's first session there is no folder.
        if files.is_empty() && !said.is_empty() && !said.contains("No such file") {
            return Err(WatchError::Files { node: node.role.to_string(), said: said.trim().to_owned() }.into());
        }
        return Ok(files);
    }
    let mut archive = archive::get(&cluster.engine, &node.id, FOLDER);
    let mut files = Vec::new();
    loop {
        match archive.next().await {
            Ok(Some(entry)) => files.extend(entry.path.strip_prefix("logs/").map(str::to_owned)),
            Ok(None) | Err(Error::DockerResponseServerError { status_code: 404, .. }) => return Ok(files),
            Err(error) => return Err(failed(error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::RAY_FOLDER;

    #[test]
    fn files_are_below_the_present_session() {
        let file = File { name: "raylet.out".into() };
        assert_eq!(file.path(), format!("{RAY_FOLDER}/session_latest/logs/raylet.out"));
    }
}
