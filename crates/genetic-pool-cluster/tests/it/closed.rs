//! Ray's HTTP of a real cluster, and the evidence that the cluster is closed: one cluster for both, and containers made
//! by hand that each break a promise.

use std::collections::BTreeMap;

use futures_util::StreamExt;
use genetic_pool_cluster::{
    cluster::{Check, Cluster, Promise, Settings, Token, UpOptions, Verdict},
    engine::Engine,
    ray::{Cause, JobRequest, JobStatus, PackageName, Ray, RayError},
};
use genetic_pool_testkit::{engine, image};
use tokio_util::sync::CancellationToken;

use crate::docker::{Cleared, docker_says};

const NAME: &str = "gp-test-closed";
const BROKEN: &str = "gp-test-broken";

#[tokio::test]
async fn a_cluster_serves_who_has_the_token_and_is_closed() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let name = |end: &str| format!("{NAME}-{end}");
    let _cleared = Cleared::new(
        &address,
        &[
            format!("rm -f -v {} {} {}", name("head"), name("worker-0"), name("control")),
            format!("volume rm {} {} {} {}", name("state"), name("secrets"), name("head-ray"), name("worker-0-ray")),
            format!("network rm {} {}", name("inner"), name("outer")),
        ],
    );
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let cluster = Cluster { engine, name: NAME.parse().unwrap() };
    let settings = Settings { image: Some(image), workers: Some(1), ..Settings::default() };
    let cancel = CancellationToken::new();
    cluster.up(&UpOptions { settings, ..UpOptions::default() }, &|_| {}, &cancel).await.unwrap();

    let ray = Ray::connect(&cluster).await.unwrap();
    let version = ray.check_version().await.unwrap();
    assert!(version.session.starts_with("session_"));
    nodes(&ray).await;
    jobs(&ray).await;
    packages(&ray).await;

    let report = cluster.audit(&cancel).await.unwrap();
    let bad: Vec<&Check> = report.checks.iter().filter(|check| check.verdict != Verdict::Proven).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    for promise in Promise::ALL {
        assert!(report.checks.iter().any(|check| check.promise == promise), "{promise} was looked at");
    }
    let left = docker_says(&address, &["ps", "-a", "-q", "--filter", &format!("name={NAME}-audit")]);
    assert_eq!(left, "");
    let left = docker_says(&address, &["network", "ls", "-q", "--filter", &format!("name={NAME}-audit")]);
    assert_eq!(left, "");

    let token = cluster.state().token().await.unwrap().unwrap();
    assert!(!format!("{report:?}{ray:?}").contains(token.reveal()));
    docker_says(&address, &["stop", "-t", "1", &name("head")]);
    assert!(matches!(ray.jobs().await, Err(RayError::HeadStopped { state, .. }) if state == "exited"));
}

async fn nodes(ray: &Ray) {
    let nodes = ray.nodes().await.unwrap();
    let seen: Vec<(&str, bool, bool)> =
        nodes.iter().map(|node| (node.name.as_deref().unwrap(), node.head, node.alive)).collect();
    assert_eq!(seen, [("head", true, true), ("worker-0", false, true)]);
    assert_eq!(nodes[0].cpus, 0.0);
    assert!(nodes[1].cpus >= 1.0 && nodes[1].started.is_some());
}

async fn jobs(ray: &Ray) {
    let request = |id: &str, entrypoint: &str| JobRequest {
        entrypoint: entrypoint.to_owned(),
        submission_id: id.to_owned(),
        metadata: BTreeMap::from([("run".to_owned(), "r".to_owned())]),
        ..JobRequest::default()
    };
    // Many lines, long ones, foreign bytes, no end: all of it once and in order.
    let program = "python3 -u -c 'import sys, time\nfor i in range(600):\n    print(i)\n    time.sleep(0.005)\n\
                   print(\"y\" * (1 << 20))\nsys.stdout.buffer.write(b\"\\xff\\nend\")'";
    ray.submit(&request("lines", program)).await.unwrap();
    let again = ray.submit(&request("lines", "true")).await;
    assert!(matches!(again, Err(RayError::DuplicateJob { job }) if job == "lines"));
    let lines: Vec<String> = ray.follow_log("lines").map(Result::unwrap).collect().await;
    let first = lines.iter().position(|line| line == "0").unwrap();
    let expected: Vec<String> = (0..600).map(|index| index.to_string()).collect();
    assert_eq!(lines[first..first + 600], expected);
    assert!(lines.contains(&"y".repeat(1 << 20)) && lines.contains(&"\u{fffd}".to_owned()));
    assert_eq!(lines.last().unwrap(), "end");
    let job = ray.job("lines").await.unwrap();
    assert_eq!((job.status, job.exit_code, job.metadata["run"].as_str()), (JobStatus::Succeeded, Some(0), "r"));
    assert_eq!(ray.log("lines").await.unwrap().lines().collect::<Vec<_>>(), lines);

    ray.submit(&request("sleeps", "sleep 100")).await.unwrap();
    while ray.job("sleeps").await.unwrap().status == JobStatus::Pending {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert!(ray.stop("sleeps").await.unwrap());
    ray.submit(&request("fails", "exit 3")).await.unwrap();
    for (id, cause) in [("sleeps", Cause::Stopped), ("fails", Cause::Exit(3))] {
        let lines: Vec<_> = ray.follow_log(id).collect().await;
        assert!(lines.iter().all(Result::is_ok), "{lines:?}");
        let error = ray.job(id).await.unwrap().unless_failed().unwrap_err();
        assert!(matches!(error, RayError::JobFailed { cause: seen, .. } if seen == cause));
    }
    ray.delete("sleeps").await.unwrap();
    assert!(matches!(ray.job("sleeps").await, Err(RayError::UnknownJob { job }) if job == "sleeps"));
    let lost: Vec<_> = ray.follow_log("sleeps").collect().await;
    assert!(matches!(lost[..], [Err(RayError::UnknownJob { .. })]));
}

async fn packages(ray: &Ray) {
    // The empty zip file.
    let bytes = [b"PK\x05\x06".as_slice(), &[0; 18]].concat();
    let name = PackageName::of(&bytes);
    assert!(!ray.has_package(&name).await.unwrap());
    ray.put_package(&name, bytes.into()).await.unwrap();
    assert!(ray.has_package(&name).await.unwrap());
}

#[tokio::test]
async fn what_breaks_a_promise_is_found() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    // A cluster by its label alone: containers that do nothing, each less closed in one way.
    let token = "5ec2e7".repeat(10);
    let say = format!("GIVEN={token}");
    let closed: [(&str, &str); 7] = [
        ("user", "--user=10001:10001"),
        ("root", "--read-only"),
        ("capabilities", "--cap-drop=ALL"),
        ("privileges", "--security-opt=no-new-privileges"),
        ("memory", "--memory=64m"),
        ("swap", "--memory-swap=64m"),
        ("pids", "--pids-limit=64"),
    ];
    let others = ["--cpus=0.5", "--tmpfs=/tmp:rw,nosuid,nodev,noexec", "--network=none"];
    let cases: [(&str, &str, &[&str], Promise); 12] = [
        ("root-user", "user", &["--user=0:0"], Promise::User),
        ("writable", "root", &[], Promise::ReadOnlyRoot),
        ("capability", "", &["--cap-add=NET_RAW"], Promise::Capabilities),
        ("gains", "privileges", &[], Promise::NoNewPrivileges),
        ("unfiltered", "", &["--security-opt=seccomp=unconfined"], Promise::Seccomp),
        ("unlimited", "pids", &[], Promise::Limits),
        ("device", "", &["--device=/dev/null:/dev/other"], Promise::Isolation),
        ("published", "", &["--publish=127.0.0.1::9999"], Promise::Ports),
        ("secret", "", &["--volume=gp-test-broken-secrets:/run/genetic-pool:rw"], Promise::Secrets),
        ("told", "", &["--env", &say], Promise::TokenHidden),
        ("programs", "", &["--tmpfs=/tmp:rw,exec"], Promise::Temporary),
        ("outside", "", &["--network=bridge"], Promise::Egress),
    ];
    let all = cases.map(|(case, ..)| format!("{BROKEN}-{case}")).join(" ");
    let _cleared = Cleared::new(
        &address,
        &[format!("rm -f -v {all} {BROKEN}-control"), format!("volume rm {BROKEN}-secrets {BROKEN}-state")],
    );
    let label = format!("--label=genetic-pool.cluster={BROKEN}");
    let secrets = format!("--volume={BROKEN}-secrets:/run/genetic-pool");
    let state = format!("--volume={BROKEN}-state:/var/lib/genetic-pool");
    let control = format!("{BROKEN}-control");
    docker_says(&address, &["create", &label, "--name", &control, &secrets, &state, &image]);
    let read_only = format!("{secrets}:ro");
    let write = format!("umask 377; cd /run/genetic-pool; echo {token} > token; chown 10001:10001 token");
    let run = ["run", "--rm", "--network=none", "--user=0:0", "--entrypoint=sh", &secrets, &image, "-c", &write];
    docker_says(&address, &run);
    for (case, left_out, added, _) in cases {
        let container = format!("{BROKEN}-{case}");
        let mut arguments = vec!["run", "--detach", "--init", "--name", &container, &label, "--entrypoint=sleep"];
        arguments.extend(closed.iter().filter(|(what, _)| *what != left_out).map(|(_, option)| *option));
        let replaced = |option: &&&str| {
            let what = option.split('=').next().unwrap_or_default();
            matches!(what, "--network" | "--tmpfs") && added.iter().any(|new| new.starts_with(what))
        };
        arguments.extend(others.iter().filter(|option| !replaced(option)).copied());
        arguments.extend(added.iter().copied());
        if case != "secret" {
            arguments.push(&read_only);
        }
        if case == "published" {
            arguments.retain(|option| *option != "--network=none");
        }
        arguments.extend([image.as_str(), "300"]);
        docker_says(&address, &arguments);
    }
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let cluster = Cluster { engine, name: BROKEN.parse().unwrap() };
    assert_eq!(cluster.state().token().await.unwrap(), Token::new(&token));
    let report = cluster.audit(&CancellationToken::new()).await.unwrap();
    assert_eq!(report.verdict(), Verdict::Broken);
    for (case, _, _, promise) in cases {
        let node = format!("{BROKEN}-{case}");
        let broken: Vec<&Check> =
            report.checks.iter().filter(|check| check.node == node && check.verdict == Verdict::Broken).collect();
        assert!(broken.iter().any(|check| check.promise == promise), "{case}: {broken:#?}");
        // To be published at all it must be on a network that leads elsewhere; a root of the image that can be written
        // makes folders writable, and root may write where nobody else may.
        let only = broken.iter().all(|check| check.promise == promise || check.promise == Promise::Egress);
        assert!(only, "{case}: {broken:#?}");
    }
    // No head: whether Ray asks for its token is not known, and that is said.
    let door = report.checks.iter().find(|check| check.promise == Promise::TokenAsked).unwrap();
    assert_eq!(door.verdict, Verdict::NotProven);
    assert!(!format!("{report:?}").contains(&token));
}

#[tokio::test]
async fn an_audit_that_is_interrupted_leaves_nothing() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let (cluster, container) = ("gp-test-cut", "gp-test-cut-idle");
    let _cleared = Cleared::new(&address, &[format!("rm -f {container}")]);
    let label = format!("--label=genetic-pool.cluster={cluster}");
    let idle = ["run", "-d", "--network=none", &label, "--name", container, "--entrypoint=sleep", &image, "300"];
    docker_says(&address, &idle);
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let cluster = Cluster { engine, name: cluster.parse().unwrap() };
    let cancel = CancellationToken::new();
    let (report, ()) = tokio::join!(cluster.audit(&cancel), async {
        // As soon as the listener's network is there.
        let filter = format!("name={}-audit", cluster.name);
        for _ in 0..600 {
            if !docker_says(&address, &["network", "ls", "-q", "--filter", &filter]).is_empty() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        cancel.cancel();
    });
    assert!(matches!(report, Err(genetic_pool_cluster::ClusterError::Interrupted)), "{report:?}");
    for list in [["ps", "-a", "-q"].as_slice(), &["network", "ls", "-q"]] {
        let filter = format!("name={}-audit", cluster.name);
        assert_eq!(docker_says(&address, &[list, &["--filter", &filter]].concat()), "");
    }
}
