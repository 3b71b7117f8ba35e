//! The image of nodes.

use std::{
    env, fs,
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use genetic_pool_cluster::{
    engine::Engine,
    image::{BuildEvent, BuildOptions, Built, ImageError, StepState, build, inspect, sbom},
    names::{LABEL_INPUTS, LABEL_RAY, RAY_VERSION},
};
use genetic_pool_testkit::{CA_MARKER, build_options, engine, image};
use insta::assert_snapshot;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::docker::{Cleared, docker, docker_says};

#[test]
fn hadolint_finds_nothing() {
    // `dev/test` puts it beside the Python it installs.
    let python = env::var_os("GENETIC_POOL_TEST_PYTHON").map(PathBuf::from);
    let hadolint = python.map(|python| python.with_file_name("hadolint")).filter(|program| program.exists());
    let Some(hadolint) = hadolint else {
        assert!(env::var_os("CI").is_none(), "on CI there has to be a hadolint");
        return;
    };
    let dockerfile = concat!(env!("CARGO_MANIFEST_DIR"), "/docker/genetic-pool/Dockerfile");
    let output = Command::new(hadolint).args(["--no-color", dockerfile]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

async fn built(engine: &Engine, options: &BuildOptions) -> (Result<Built, ImageError>, Vec<BuildEvent>) {
    let mut events = Vec::new();
    let result = build(engine, options, &mut |event| events.push(event), &CancellationToken::new()).await;
    (result, events)
}

fn told(error: &ImageError) -> String {
    let hint = error.hint().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    format!("{error}{hint}")
}

#[test]
fn the_image_is_closed() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let inspected: Value = serde_json::from_str(&docker_says(&address, &["image", "inspect", &image])).unwrap();
    let config = &inspected[0]["Config"];
    assert_eq!(config["User"], "10001:10001");
    assert_eq!(config["Entrypoint"], json!(["/opt/genetic-pool/bin/python3", "/opt/genetic-pool/node.py"]));
    assert_eq!(config["Healthcheck"]["Test"][0], "CMD");
    assert_eq!(config["Labels"][LABEL_RAY], RAY_VERSION);
    assert_eq!(config["Labels"][LABEL_INPUTS].as_str().unwrap().len(), 64);
    assert_eq!(config["Labels"]["org.opencontainers.image.title"], "genetic-pool");
    let environment = config["Env"].as_array().unwrap();
    for variable in ["PYTHONDONTWRITEBYTECODE=1", "PYTHONUNBUFFERED=1", "RAY_AUTH_MODE=token"] {
        assert!(environment.contains(&json!(variable)), "{variable}: {environment:?}");
    }

    let script = r#"
        echo "user $(id -u):$(id -g) groups $(id -G)"
        echo "passwd $(getent passwd 10001)"
        echo "home $(test -e /nonexistent && echo there || echo none)"
        echo "set-id $(find / -xdev -perm /6000 2> /dev/null | wc -l)"
        echo "pip $(find / -xdev \( -name 'pip' -o -name 'pip-*' -o -name ensurepip -o -name setuptools \) 2> /dev/null | wc -l)"
        echo "programs $(command -v pip pip3 gcc cc make | wc -l)"
        echo "python $(command -v python3)"
        library=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')
        for folder in /opt/genetic-pool/lib "$library"; do
            echo "compiled $(test "$(find "$folder" -name '*.pyc' | wc -l)" -gt 400 && echo yes)"
        done
        for path in /ray /run/genetic-pool /var/lib/genetic-pool /var/lib/genetic-pool/runs /opt/genetic-pool/node.py; do
            stat -c '%n %u:%g %a' "$path"
        done
        echo "writable $(find / -xdev -writable -not -type l -not -path '/proc/*' -not -path '/dev/*' 2> /dev/null | sort | tr '\n' ' ')"
    "#;
    let output = docker(&address, &["run", "--rm", "--network=none", "--entrypoint=bash", &image, "-c", script]);
    assert_snapshot!(String::from_utf8_lossy(&output.stdout), @r"
    user 10001:10001 groups 10001
    passwd genetic-pool:x:10001:10001::/nonexistent:/usr/sbin/nologin
    home none
    set-id 0
    pip 0
    programs 0
    python /opt/genetic-pool/bin/python3
    compiled yes
    compiled yes
    /ray 10001:10001 755
    /run/genetic-pool 10001:10001 500
    /var/lib/genetic-pool 0:0 755
    /var/lib/genetic-pool/runs 10001:10001 755
    /opt/genetic-pool/node.py 0:0 644
    writable /ray /run/lock /tmp /var/lib/genetic-pool/runs /var/tmp
    ");
}

#[test]
fn certificates_are_in_no_layer() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let history = docker_says(&address, &["history", "--no-trunc", &image]);
    assert!(!history.contains("BEGIN CERTIFICATE") && !history.contains(CA_MARKER));
    let mut save = Command::new("docker")
        .env("DOCKER_HOST", &address)
        .args(["save", &image])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let layers = save.stdout.take().unwrap();
    let grep = |input: Stdio| Command::new("grep").args(["-a", "-c", "-F", CA_MARKER]).stdin(input).output().unwrap();
    assert_eq!(grep(layers.into()).stdout, b"0\n");
    assert!(save.wait().unwrap().success());
}

#[tokio::test]
async fn the_same_inputs_are_not_built_again() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let other = "genetic-pool:test-again";
    let _cleared = Cleared::new(&address, &[format!("rmi {other}")]);
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let options = build_options(&engine).await;
    let (again, events) = built(&engine, &options).await;
    let again = again.unwrap();
    assert!(!again.rebuilt && events.is_empty(), "{events:?}");
    assert_eq!(Some(again.id), inspect(&engine, &image).await.unwrap().map(|image| image.id));

    // Under a name that is not there, all comes out of the builder's cache, and is the same.
    let (copy, events) = built(&engine, &BuildOptions { tag: other.to_owned(), ..options }).await;
    let copy = copy.unwrap();
    assert!(copy.rebuilt);
    assert_eq!(copy.inputs, again.inputs);
    let done: Vec<_> = events
        .iter()
        .filter(|event| matches!(event, BuildEvent::Step { name, state: StepState::Done, .. } if name.contains("RUN")))
        .collect();
    assert!(done.is_empty(), "{done:#?}");
    let layers = |tag| docker_says(&address, &["image", "inspect", "--format", "{{.RootFS.Layers}}", tag]);
    assert_eq!(layers(&image), layers(other));
}

#[tokio::test]
async fn a_step_that_fails_is_told_with_its_last_lines() {
    let Some(address) = engine() else { return };
    image(&address);
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let requirements = folder.path().join("requirements.txt");
    fs::write(&requirements, "ray==2.59.0\n").unwrap();
    let tag = "genetic-pool:test-fails".to_owned();
    let options = BuildOptions { tag: tag.clone(), requirements: Some(requirements), ..build_options(&engine).await };
    let (result, events) = built(&engine, &options).await;
    let error = result.unwrap_err();
    assert!(matches!(error, ImageError::Step { .. }), "{error}");
    let lines = told(&error);
    let (heading, rest) = lines.split_once('\n').unwrap();
    assert!(heading.starts_with("step `[builder "), "{heading}");
    assert!(heading.ends_with("failed: exit code: 1"), "{heading}");
    // pip's words change from version to version; that they are shown does not.
    assert!(rest.contains("\n  | ERROR: ") && rest.contains("ray==2.59.0"), "{rest}");
    assert!(
        rest.ends_with("hint: the requirements contradict each other or the image's own Ray: loosen them"),
        "{rest}"
    );
    let failed = |event: &BuildEvent| matches!(event, BuildEvent::Step { state: StepState::Failed, .. });
    assert_eq!(events.iter().filter(|event| failed(event)).count(), 1);
    assert_eq!(inspect(&engine, &tag).await.unwrap(), None);
}

#[tokio::test]
async fn a_base_ray_cannot_live_on_is_refused_before_anything_is_built() {
    let Some(address) = engine() else { return };
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let bases = ["genetic-pool-test-base:none", "genetic-pool-test-base:old", "genetic-pool-test-base:alpine"];
    let _cleared = Cleared::new(&address, &bases.map(|base| format!("rmi {base}")));
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    fs::create_dir_all(root.join("usr/lib")).unwrap();
    fs::create_dir_all(root.join("usr/bin")).unwrap();
    let release = |text| fs::write(root.join("usr/lib/os-release"), text).unwrap();
    let import = |base: &str| {
        let archive = root.with_extension("tar");
        let tar = Command::new("tar").arg("-C").arg(root).arg("-cf").arg(&archive).arg(".").status().unwrap();
        assert!(tar.success());
        docker_says(&address, &["import", archive.to_str().unwrap(), base]);
        fs::remove_file(archive).unwrap();
    };
    release("ID=debian\nVERSION_ID=\"11\"\nPRETTY_NAME=\"Debian 11\"\n");
    import(bases[0]);
    fs::write(root.join("usr/bin/python3.9"), "").unwrap();
    std::os::unix::fs::symlink("python3.9", root.join("usr/bin/python3")).unwrap();
    import(bases[1]);
    release("ID=alpine\nPRETTY_NAME=\"Alpine Linux v3.20\"\n");
    import(bases[2]);
    let tag = "genetic-pool:test-old".to_owned();
    let options = BuildOptions { tag, ..BuildOptions::default() };
    let mut refusals = Vec::new();
    for base in bases.into_iter().chain(["genetic-pool-test/no-such-base:1"]) {
        let options = BuildOptions { base: base.to_owned(), ..options.clone() };
        refusals.push(told(&built(&engine, &options).await.0.unwrap_err()));
    }
    assert_snapshot!(refusals.join("\n"), @r"
    the base image `genetic-pool-test-base:none` has no Python, and that of its system, Debian 11, is 3.9; Ray 2.60.0 needs 3.10 to 3.14
    hint: take a base with another Python, as `--base python:3.12-slim`
    the base image `genetic-pool-test-base:old` has Python 3.9; Ray 2.60.0 needs 3.10 to 3.14
    hint: take a base with another Python, as `--base python:3.12-slim`
    the base image `genetic-pool-test-base:alpine` is of Alpine Linux v3.20, not Debian or made from it
    hint: take one of Debian or Ubuntu, as `--base python:3.12-slim` or `--base debian:bookworm-slim`
    the base image `genetic-pool-test/no-such-base:1` is not here, and no registry gave it
    hint: name one that is here (`docker images`) with `--base`, as `--base debian:bookworm-slim`: any of Debian serves, with a Python or without; where no registry answers, debootstrap and `docker import` make one
    ");
    for base in bases {
        let left = docker_says(&address, &["ps", "-aq", "--filter", &format!("ancestor={base}")]);
        assert_eq!(left, "", "containers are left");
    }
}

#[tokio::test]
async fn a_cancelled_build_is_gone_at_once() {
    let Some(address) = engine() else { return };
    image(&address);
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let requirements = folder.path().join("requirements.txt");
    let marker = format!("# {}", folder.path().display());
    fs::write(&requirements, &marker).unwrap();
    let tag = "genetic-pool:test-cancelled".to_owned();
    let options = BuildOptions { tag: tag.clone(), requirements: Some(requirements), ..build_options(&engine).await };
    let cancel = CancellationToken::new();
    let mut cancelled = None;
    let mut tell = |event| {
        // pip has begun to work.
        if matches!(event, BuildEvent::Step { line: Some(_), .. }) && cancelled.is_none() {
            assert_ne!(programs(&marker), Some(0));
            cancelled = Some(Instant::now());
            cancel.cancel();
        }
    };
    let result = build(&engine, &options, &mut tell, &cancel).await;
    assert!(matches!(result, Err(ImageError::Interrupted)), "{result:?}");
    assert!(cancelled.unwrap().elapsed() < Duration::from_secs(8));
    assert!(programs(&marker).is_none_or(|programs| programs == 0), "the step still runs");
    assert_eq!(inspect(&engine, &tag).await.unwrap(), None);
}

/// How many programs see requirements with `marker`; unknown where others' files cannot be seen.
fn programs(marker: &str) -> Option<usize> {
    fs::read_dir("/proc/1/root/").ok()?;
    let programs = fs::read_dir("/proc").ok()?.flatten();
    let sees = |entry: &fs::DirEntry| {
        fs::read_to_string(entry.path().join("root/mnt/requirements/own.txt")).is_ok_and(|text| text.contains(marker))
    };
    Some(programs.filter(sees).count())
}

#[tokio::test]
async fn the_bill_of_materials_names_both_kinds_of_packages() {
    let Some(address) = engine() else { return };
    let image = image(&address);
    let engine = Engine::connect(Some(&address)).await.unwrap();
    let document = sbom(&engine, &image).await.unwrap();
    assert_eq!(document["specVersion"], "1.5");
    let purls: Vec<&str> =
        document["components"].as_array().unwrap().iter().filter_map(|component| component["purl"].as_str()).collect();
    for start in [format!("pkg:pypi/ray@{RAY_VERSION}"), "pkg:deb/".to_owned(), "pkg:generic/python@3.".to_owned()] {
        assert!(purls.iter().any(|purl| purl.starts_with(&start)), "{start}");
    }
    assert!(!purls.iter().any(|purl| purl.starts_with("pkg:pypi/pip@")));
    let mut once = purls.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), purls.len(), "something is named twice");
    assert_eq!(document, sbom(&engine, &image).await.unwrap());
    let error = sbom(&engine, "genetic-pool:test-no-such").await.unwrap_err();
    assert_snapshot!(told(&error), @r"
    there is no image `genetic-pool:test-no-such`
    hint: `genetic-pool image build` makes it
    ");
}
