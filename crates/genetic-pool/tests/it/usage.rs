//! Mistakes on the command line, and what is asked of the program itself.

use insta::assert_snapshot;

use crate::context;

#[test]
fn a_verb_that_comes_near() {
    assert_snapshot!(context().run(&["problem"]).expect(2), @r"
    exit code: 2
    ----- stderr -----
    error: unrecognized subcommand 'problem'

      tip: a similar subcommand exists: 'problems'

    Usage: genetic-pool <COMMAND>

    For more information, try '--help'.
    ");
}

#[test]
fn nothing_at_all_shows_the_help() {
    let ended = context().run::<&str>(&[]).expect(2);
    assert!(ended.stdout.is_empty() && ended.stderr.contains("Usage: genetic-pool"), "{ended}");
}

#[test]
fn the_version_is_data() {
    let ended = context().run(&["--version"]).success();
    assert_eq!(ended.stdout, format!("genetic-pool {}\n", env!("CARGO_PKG_VERSION")));
}
