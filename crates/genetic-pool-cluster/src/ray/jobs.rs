//! Jobs: submitted, asked for, stopped.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use hyper::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Job, PackageName, Ray, RayError,
    http::{Answer, Call, encoded},
    job::Wire,
};

/// A job to be run on the head. Ray prints its entrypoint and shows its metadata: nothing secret belongs in either.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobRequest {
    /// A line for `sh -c`.
    pub entrypoint: String,
    /// Its id; Ray takes none twice.
    pub submission_id: String,
    /// What it is marked with.
    pub metadata: BTreeMap<String, String>,
    /// The package its working folder is made from.
    pub working_dir: Option<PackageName>,
    /// What is added to its environment.
    pub env_vars: BTreeMap<String, String>,
}

impl Ray {
    /// Submits a job. No CPU is reserved for its program, so it runs on the head.
    pub async fn submit(&self, request: &JobRequest) -> Result<(), RayError> {
        let job = &request.submission_id;
        let body = serde_json::to_vec(&Submission::from(request)).map_err(|source| RayError::Malformed {
            call: format!("submit job `{job}`"),
            answer: request.entrypoint.clone(),
            source,
        })?;
        let mut call = Call::send(format!("submit job `{job}`"), Method::POST, "/api/jobs/", Bytes::from(body));
        // A head that has just started takes its time for the first one.
        call.limit = Duration::from_mins(1);
        match self.call(call).await?.success().await {
            Ok(_) => Ok(()),
            Err(RayError::Refused { said, .. }) if said.0.contains("already exists") => {
                Err(RayError::DuplicateJob { job: job.clone() })
            }
            Err(error) => Err(error),
        }
    }

    /// All jobs Ray knows, programs that connected by themselves included.
    pub async fn jobs(&self) -> Result<Vec<Job>, RayError> {
        let jobs: Vec<Wire> = self.ask(Call::get("list jobs", "/api/jobs/")).await?;
        Ok(jobs.into_iter().map(Job::from).collect())
    }

    /// The job `id`.
    pub async fn job(&self, id: &str) -> Result<Job, RayError> {
        let answer = self.of_job(Call::get(format!("ask for job `{id}`"), path(id)), id).await?;
        Ok(Job::from(answer.json::<Wire>().await?))
    }

    /// Asks Ray to stop the job `id`: its processes are told to end, and killed some seconds later. Whether it still ran.
    ///
    /// A job that waits for room is not stopped by it, although Ray says so: ask for it again.
    pub async fn stop(&self, id: &str) -> Result<bool, RayError> {
        #[derive(Deserialize)]
        struct Stopped {
            stopped: bool,
        }
        let path = format!("{}/stop", path(id));
        let call = Call::send(format!("stop job `{id}`"), Method::POST, path, Bytes::new());
        Ok(self.of_job(call, id).await?.json::<Stopped>().await?.stopped)
    }

    /// Has Ray forget the job `id`, which must have ended.
    pub async fn delete(&self, id: &str) -> Result<(), RayError> {
        let call = Call::send(format!("delete job `{id}`"), Method::DELETE, path(id), Bytes::new());
        self.of_job(call, id).await.map(|_| ())
    }

    async fn of_job(&self, call: Call, id: &str) -> Result<Answer, RayError> {
        let answer = self.call(call).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Err(RayError::UnknownJob { job: id.to_owned() });
        }
        answer.success().await
    }
}

fn path(id: &str) -> String {
    format!("/api/jobs/{}", encoded(id))
}

/// A job to be run, in Ray's words.
#[derive(Serialize)]
struct Submission<'a> {
    entrypoint: &'a str,
    #[serde(rename = "submission_id")]
    id: &'a str,
    metadata: &'a BTreeMap<String, String>,
    runtime_env: serde_json::Value,
}

impl<'a> From<&'a JobRequest> for Submission<'a> {
    fn from(request: &'a JobRequest) -> Submission<'a> {
        let mut runtime_env = serde_json::Map::new();
        if let Some(package) = &request.working_dir {
            runtime_env.insert("working_dir".to_owned(), json!(package.uri()));
        }
        if !request.env_vars.is_empty() {
            runtime_env.insert("env_vars".to_owned(), json!(request.env_vars));
        }
        Submission {
            entrypoint: &request.entrypoint,
            id: &request.submission_id,
            metadata: &request.metadata,
            runtime_env: runtime_env.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_asks_for_its_package_and_no_cpu() {
        let request = JobRequest {
            entrypoint: "./genetic-pool run".to_owned(),
            submission_id: "run-1".to_owned(),
            working_dir: Some(PackageName::of(b"abc")),
            env_vars: [("A".to_owned(), "1".to_owned())].into(),
            ..JobRequest::default()
        };
        insta::assert_snapshot!(serde_json::to_string_pretty(&Submission::from(&request)).unwrap(), @r#"
        {
          "entrypoint": "./genetic-pool run",
          "submission_id": "run-1",
          "metadata": {},
          "runtime_env": {
            "working_dir": "gcs://_ray_pkg_ba7816bf8f01cfea414140de5dae2223.zip",
            "env_vars": {
              "A": "1"
            }
          }
        }
        "#);
    }
}
