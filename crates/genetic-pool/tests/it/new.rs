//! `new`: what it writes runs.

use std::{fs, path::Path, time::Duration};

use insta::assert_snapshot;

use crate::context;

#[test]
fn python() {
    let context = context();
    assert_snapshot!(context.run(&["new", "python", "wing-2"]).success(), @r"
    exit code: 0
    ----- stdout -----
    wing-2/experiment.toml
    wing-2/wing_2.py
    ----- stderr -----
    next:
      cd wing-2
      genetic-pool check experiment.toml
      genetic-pool try experiment.toml
      genetic-pool run experiment.toml
    ");
}

#[test]
fn what_is_written_is_valid_and_runs() {
    let context = context();
    for kind in ["python", "command", "builtin"] {
        context.run(&["new", kind, kind.to_uppercase().as_str()]).success();
        let file = format!("{}/experiment.toml", kind.to_uppercase());
        context.run(&["check", &file]).success();
        let ended = context.run(&["run", &file, "--json", "--set", "stop.evaluations=40"]).success();
        let last = ended.json_lines().pop().unwrap();
        assert_eq!(last["event"], "finished", "{kind}: {ended}");
        assert!(last["best"]["objectives"][0].is_f64(), "{kind}: {ended}");
        assert!(!ended.stdout.contains("\"event\":\"failure\""), "{kind}: {ended}");
    }
}

#[test]
fn nothing_is_overwritten() {
    let context = context();
    context.write("wing/wing.py", "mine");
    assert_snapshot!(context.run(&["new", "python", "wing"]).expect(3), @r"
    exit code: 3
    ----- stderr -----
    error: `wing/wing.py` exists already
    hint: take another name, or remove what is there
    ");
    assert_eq!(context.files("wing"), ["wing.py"]);
    assert_eq!(context.read("wing/wing.py"), "mine");
}

#[test]
fn a_name_that_leads_elsewhere() {
    assert_snapshot!(context().run(&["new", "python", "../wing"]).expect(3), @r"
    exit code: 3
    ----- stderr -----
    error: failed to use the name `../wing`: it takes letters, digits, - and _, begins with a letter, and is at most 64 long
    hint: `wing` would do
    ");
}

#[test]
fn a_file_where_the_folder_should_be() {
    let context = context();
    context.write("wing", "mine");
    assert_snapshot!(context.run(&["new", "builtin", "wing"]).expect(3), @r"
    exit code: 3
    ----- stderr -----
    error: `wing` exists already
    hint: take another name, or remove what is there
    ");
    assert_eq!(context.read("wing"), "mine");
}

#[test]
fn a_crate_is_for_rust() {
    assert_snapshot!(context().run(&["new", "python", "wing", "--crate", "0.1"]).expect(2), @r"
    exit code: 2
    ----- stderr -----
    error: `--crate` is for `new rust` alone
    ");
}

/// Compiles a program against this crate.
#[test]
fn a_rust_program_is_the_whole_command_line() {
    // What the workspace compiles its dependencies with, so that they are taken as they are.
    const PROFILE: [&str; 7] = [
        "debug='line-tables-only'",
        "package.'*'.opt-level=1",
        "package.'*'.debug=false",
        "package.genetic-pool.opt-level=0",
        "package.genetic-pool.debug='line-tables-only'",
        "package.genetic-pool-evolve.opt-level=2",
        "package.genetic-pool-evolve.debug='line-tables-only'",
    ];
    let context = context();
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let workspace = own.parent().and_then(Path::parent).unwrap();
    context.run(&["new", "rust", "job-shop", "--crate", workspace.to_str().unwrap()]).success();
    // The workspace's choice of versions, so that nothing has to be looked up.
    fs::copy(workspace.join("Cargo.lock"), context.work().join("job-shop/Cargo.lock")).unwrap();
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut build = context.command_of(env!("CARGO"), &["build", "--quiet", "--offline"]);
    build.current_dir(context.work().join("job-shop")).env("CARGO_TARGET_DIR", target);
    build.args(PROFILE.iter().flat_map(|setting| ["--config".to_owned(), format!("profile.dev.{setting}")]));
    for name in ["CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        build.envs(std::env::var_os(name).map(|value| (name, value)));
    }
    if std::env::var_os("CARGO_HOME").is_none() {
        build.env("HOME", std::env::var_os("HOME").unwrap());
    }
    context.spawn_command(build).wait(Duration::from_mins(15)).success();

    let program = target.join("debug/job-shop");
    let run = |arguments: &[&str]| {
        let mut command = context.command_of(&program, arguments);
        command.current_dir(context.work().join("job-shop"));
        context.spawn_command(command).wait(Duration::from_mins(2)).success()
    };
    assert!(run(&["problems"]).stdout.contains("job-shop"));
    assert!(run(&["check", "experiment.toml"]).stderr.contains("  job-shop run experiment.toml"));
    // Threads and worker processes, which are this very program, find the same.
    let digest = |arguments: &[&str]| {
        let all = [&["run", "experiment.toml", "--json", "--set", "stop.evaluations=600"], arguments].concat();
        run(&all).json_lines().pop().unwrap()["digest"].clone()
    };
    assert_eq!(digest(&[]), digest(&["--processes"]));
}
