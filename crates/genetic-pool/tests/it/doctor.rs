//! `doctor`.

use std::net::TcpListener;

use genetic_pool_testkit::{FaultyEngine, SocketFault, engine};
use insta::assert_snapshot;

use crate::context;

/// The finding `name` of `doctor --json` on the engine at `address`: state, what was seen, remedy.
#[track_caller]
fn finding(address: &str, name: &str) -> (String, String, String) {
    let ended = context().env("DOCKER_HOST", address).run(&["doctor", "--json"]);
    let report = ended.json();
    let findings = report["findings"].as_array().unwrap();
    let finding = findings.iter().find(|finding| finding["name"] == name).unwrap_or_else(|| panic!("{report}"));
    let text = |key: &str| finding[key].as_str().unwrap_or_default().replace(address, "[ADDRESS]");
    (text("state"), text("seen"), text("remedy"))
}

#[test]
fn a_real_engine_is_looked_at_from_end_to_end() {
    let Some(address) = engine() else { return };
    let ended = context().env("DOCKER_HOST", &address).run(&["doctor", "--json"]);
    let report = ended.json();
    assert_eq!(report["format"], 1);
    let findings = report["findings"].as_array().unwrap();
    let names: Vec<&str> = findings.iter().map(|finding| finding["name"].as_str().unwrap()).collect();
    assert_snapshot!(names.join(" "), @"engine permission api buildkit cgroups cpus memory shm disk clock port image leftovers");
    for name in ["engine", "permission", "api", "buildkit", "cgroups"] {
        assert_eq!(finding(&address, name).0, "ok", "{report}");
    }
    let problem = findings.iter().any(|finding| finding["state"] == "problem");
    assert_eq!(report["fit"], !problem);
}

#[test]
fn without_an_engine_it_looks_at_what_needs_none() {
    let context = context()
        .filter(r"unix://\S+/no-docker\.sock", "[ADDRESS]")
        // As this machine has it.
        .filter(r"(?m)^. \w+ +(program|port) .*(\n +hint.*)?", "[SEEN] ${1}")
        .filter(r"\d problems?\b", "[PROBLEMS]");
    let ended = context.run(&["doctor"]);
    assert_snapshot!(ended.expect(8), @r"
    exit code: 8
    ----- stdout -----
    ✗ problem  engine      there is no engine at `[ADDRESS]` (by DOCKER_HOST): No such file or directory (os error 2)
                           hint: start it (`systemctl start docker`, or Docker Desktop), install it (`apt-get install docker.io`), or name another with `--engine` or DOCKER_HOST
    ? unknown  permission  no engine was reached
    [SEEN] program
    [SEEN] port
    ----- stderr -----
    [PROBLEMS]
    ");
}

#[test]
fn an_engine_too_old_is_named_with_its_version() {
    let old = FaultyEngine::alone();
    let version = r#"{"Version":"19.03.15","ApiVersion":"1.40","MinAPIVersion":"1.12","Os":"linux","Arch":"amd64"}"#;
    old.on("GET /version", SocketFault::answer(200, version));
    let (state, seen, remedy) = finding(&old.address(), "engine");
    assert_snapshot!(format!("{state}\n{seen}\n{remedy}"), @r"
    problem
    the engine 19.03.15 at `[ADDRESS]` speaks API 1.40 at most; this program needs 1.41 at least (by DOCKER_HOST)
    update Docker to 20.10 or newer (Debian 11 and 12: `apt-get install docker.io`)
    ");
}

#[test]
fn a_mute_engine_is_told_and_so_is_the_wait_for_it() {
    let mute = FaultyEngine::alone();
    mute.on("GET /version", SocketFault::Mute);
    let ended = context().filter(&mute.address(), "[ADDRESS]").env("DOCKER_HOST", mute.address()).run(&["doctor"]);
    let ended = ended.expect(8);
    assert!(ended.stderr.starts_with("the engine takes its time"), "{ended}");
    assert!(ended.stdout.contains("does not answer within 5 s"), "{ended}");
}

#[test]
fn an_engine_that_breaks_off_in_the_middle_leaves_the_rest_looked_at() {
    let Some(address) = engine() else { return };
    let faulty = FaultyEngine::before(&address);
    faulty.on("GET /info", SocketFault::Cut);
    faulty.on("POST /session", SocketFault::answer(404, r#"{"message":"page not found"}"#));
    faulty.on("GET /images/*/json", SocketFault::answer(500, r#"{"message":"the image store is damaged"}"#));
    assert_eq!(finding(&faulty.address(), "engine").0, "ok");
    assert_eq!(finding(&faulty.address(), "memory").0, "unknown");
    let (state, seen, remedy) = finding(&faulty.address(), "buildkit");
    assert_snapshot!(format!("{state}\n{seen}\n{remedy}"), @r"
    problem
    the engine opens no session of BuildKit: it answers 404 Not Found
    use Docker's own engine, 20.10 or newer: engines that only resemble it build without BuildKit
    ");
    let (state, seen, _) = finding(&faulty.address(), "image");
    assert_snapshot!(format!("{state}\n{seen}"), @r"
    unknown
    the engine failed to inspect the image: Docker responded with status code 500: the image store is damaged
    ");
    assert_ne!(finding(&faulty.address(), "leftovers").0, "unknown");
}

#[test]
fn a_port_that_another_program_has_is_told() {
    // Where it cannot be had, another has it: just what is needed.
    let _taken = TcpListener::bind("127.0.0.1:8265");
    let Some(address) = engine() else { return };
    let faulty = FaultyEngine::before(&address);
    faulty.on("GET /containers/json", SocketFault::answer(200, "[]"));
    let (state, seen, remedy) = finding(&faulty.address(), "port");
    assert_snapshot!(format!("{state}\n{seen}\n{remedy}"), @r"
    problem
    127.0.0.1:8265 is taken by a program of this machine
    `ss -ltnp 'sport = :8265'` names it; free it, or choose another: `cluster up --port any` has the engine choose one, `--port 8266` names one
    ");
}

#[test]
fn an_image_of_another_ray_is_told() {
    let Some(address) = engine() else { return };
    let faulty = FaultyEngine::before(&address);
    let image = r#"{"Architecture":"amd64","Size":1,"Config":{"Labels":{"genetic-pool.ray":"2.9.0"}}}"#;
    faulty.on("GET /images/*/json", SocketFault::answer(200, image));
    let (state, seen, remedy) = finding(&faulty.address(), "image");
    assert_eq!(state, "problem", "{seen}");
    assert!(seen.contains("has Ray 2.9.0") && remedy.contains("image build"), "{seen} {remedy}");
}

#[test]
fn what_a_cluster_left_behind_is_named_with_what_removes_it() {
    let Some(address) = engine() else { return };
    let faulty = FaultyEngine::before(&address);
    let volumes = r#"{"Volumes":[{"Name":"half-state","Driver":"local","Mountpoint":"/x","Scope":"local","Options":{},
        "Labels":{"genetic-pool.cluster":"half"}}],"Warnings":[]}"#;
    faulty.on("GET /containers/json", SocketFault::answer(200, "[]"));
    faulty.on("GET /networks", SocketFault::answer(200, "[]"));
    faulty.on("GET /volumes", SocketFault::answer(200, volumes));
    let (state, seen, remedy) = finding(&faulty.address(), "leftovers");
    assert_snapshot!(format!("{state}\n{seen}\n{remedy}"), @r"
    warning
    `half`: 1 volume without the control container
    remove what is left: `genetic-pool cluster down -c half`
    ");
}
