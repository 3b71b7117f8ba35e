//! `cluster status`, `logs` and `stats` as people meet them: on containers that only print.

use std::{
    process::{Command, Output},
    time::Duration,
};

use genetic_pool_testkit::{TestContext, engine, image};
use insta::assert_snapshot;

/// Longer than anything takes that comes at all.
const PATIENCE: Duration = Duration::from_mins(1);

/// Containers that carry the labels of a cluster, removed at the end of the test.
struct Pond {
    address: String,
    name: String,
}

impl Pond {
    fn new(address: &str, name: &str) -> Pond {
        // As long each time, so that tables are as wide.
        let pond = Pond { address: address.to_owned(), name: format!("gp-cli-{name}-{:07}", std::process::id()) };
        pond.clear();
        pond
    }

    /// A container as the node `role`, which runs `script`.
    fn node(&self, role: &str, script: &str) {
        let image = image(&self.address);
        let label = format!("genetic-pool.cluster={}", self.name);
        let role_label = format!("genetic-pool.role={role}");
        let name = format!("{}-{role}", self.name);
        let output = self.docker(&[
            "run",
            "-d",
            "--name",
            &name,
            "--label",
            &label,
            "--label",
            &role_label,
            "--no-healthcheck",
            "--network",
            "none",
            "--entrypoint",
            "sh",
            &image,
            "-c",
            script,
        ]);
        assert!(output.status.success(), "{output:?}");
    }

    fn docker(&self, arguments: &[&str]) -> Output {
        Command::new("docker").env("DOCKER_HOST", &self.address).args(arguments).output().unwrap()
    }

    fn clear(&self) {
        let filter = format!("label=genetic-pool.cluster={}", self.name);
        let ids = self.docker(&["ps", "-aq", "--filter", &filter]).stdout;
        for id in String::from_utf8(ids).unwrap().lines() {
            self.docker(&["rm", "-fv", id]);
        }
    }

    /// A context whose program finds the engine.
    fn context(&self) -> TestContext {
        crate::context()
            .env("DOCKER_HOST", &self.address)
            .filter(&self.name, "[POND]")
            .filter(r"genetic-pool:test", "[IMAGE]")
    }

    fn arguments<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        [&["cluster", "--cluster", &self.name], rest].concat()
    }
}

impl Drop for Pond {
    fn drop(&mut self) {
        self.clear();
    }
}

#[test]
fn a_cluster_that_is_not_there() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "none");
    let context = pond.context();
    for verb in ["status", "logs", "stats"] {
        let ended = context.run(&pond.arguments(&[verb])).expect(3);
        assert!(ended.stderr.starts_with(&format!("error: there is no cluster `{}` on this engine\n", pond.name)));
        assert_eq!(ended.stdout, "");
    }
}

#[test]
fn a_cluster_of_which_little_is_left() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "little");
    pond.node("worker-0", "exit 5");
    pond.docker(&["wait", &format!("{}-worker-0", pond.name)]);
    let context = pond.context().filter(r", \d+ s ago", ", [SPAN] ago");
    assert_snapshot!(context.run(&pond.arguments(&["status"])).expect(9), @r"
    exit code: 9
    ----- stdout -----
    [POND]: not ready

    node      state   ray   slots  cpu  memory  restarts  up  image
    head      gone    -    - of 0    -       -         -   -  -
    worker-0  exited  -         -    -       -         0   -  [IMAGE]

    [POND]  what is wanted of it is not known: it keeps none; `cluster up --cluster [POND]` heals
    [POND]  Ray does not answer: cluster `[POND]` has no token
    head                   gone: `cluster up` heals
    worker-0               did not find the head, [SPAN] ago: `cluster up` heals
    ");
    let json = context.run(&pond.arguments(&["status", "--json"])).expect(9).json();
    assert_eq!((&json["format"], &json["ready"]), (&1.into(), &false.into()));
    assert_eq!(json["nodes"][0]["troubles"][0]["kind"], "gone");
    let ended = context.run(&pond.arguments(&["stats", "--no-stream"])).expect(9);
    assert!(ended.stderr.contains("no node of cluster"), "{ended}");
}

#[test]
fn logs_are_merged_filtered_and_follow_until_nothing_is_left() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "logs");
    pond.node("head", r"printf 'a \033[31mred\033[0m\033[2K\n'; sleep 600");
    let context = pond.context();
    let follow = context.spawn(&pond.arguments(&["logs", "--follow"]));
    follow.wait_for_stdout("head | a red\n", PATIENCE);
    pond.node("worker-0", "echo b >&2; sleep 600");
    follow.wait_for_stdout("worker-0 | b\n", PATIENCE);
    let once = context.run(&pond.arguments(&["logs", "worker-0", "--json", "--since", "1h"])).success();
    let line = once.json();
    assert_eq!((&line["node"], &line["stream"], &line["text"]), (&"worker-0".into(), &"stderr".into(), &"b".into()));
    let ended = context.run(&pond.arguments(&["logs", "haed"])).expect(3);
    assert!(ended.stderr.ends_with("hint: did you mean `head`?\n"), "{ended}");
    let _ = context.run(&pond.arguments(&["logs", "--since", "yesterday"])).expect(2);
    pond.clear();
    let ended = follow.wait(PATIENCE).success();
    assert_snapshot!(ended, @r"
    exit code: 0
    ----- stdout -----
    head | a red
    worker-0 | b
    ----- stderr -----
    note: the logs of cluster `[POND]` have ended
    ");
}

#[test]
fn who_goes_away_or_interrupts_ends_it_quietly() {
    let Some(address) = engine() else { return };
    let pond = Pond::new(&address, "quiet");
    pond.node("head", "echo up; sleep 600");
    let context = pond.context();
    for (verb, first) in [
        (&["logs", "-f"][..], "head | up"),
        (&["stats"], "processes\nhead"),
        (&["stats", "--json"], "\"node\":\"head\""),
        (&["status", "--watch=0.5"], "image\nhead"),
    ] {
        let running = context.spawn(&pond.arguments(verb));
        running.wait_for_stdout(first, PATIENCE);
        running.interrupt();
        let ended = running.wait(PATIENCE).expect(130);
        assert_eq!(ended.stderr, "", "{verb:?}");

        // A reader that takes one line, and a program that prints nothing more.
        let program = env!("CARGO_BIN_EXE_genetic-pool");
        let line = format!("{program} {} | head -n 1; test ${{PIPESTATUS[0]}} = 0", pond.arguments(verb).join(" "));
        let shell = context.command_of("bash", &["-c", &line]);
        let ended = context.spawn_command(shell).wait(PATIENCE).success();
        assert_eq!((ended.stdout.lines().count(), ended.stderr.as_str()), (1, ""), "{verb:?}");
    }
}
