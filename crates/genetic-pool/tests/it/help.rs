//! `--help` of every command is a text that people read: it changes only on purpose.

use std::collections::BTreeSet;

use insta::assert_snapshot;

use crate::context;

#[test]
fn the_program() {
    assert_snapshot!(context().run(&["--help"]).success().stdout);
}

#[test]
fn every_command_with_an_example() {
    let context = context();
    let mut seen = BTreeSet::new();
    let mut rest: Vec<Vec<String>> = commands(&context.run(&["--help"]).stdout, &[]);
    while let Some(command) = rest.pop() {
        let mut arguments = command.clone();
        arguments.push("--help".to_owned());
        let help = context.run(&arguments).success().stdout;
        let below = commands(&help, &command);
        assert!(help.contains("\nExample") || !below.is_empty(), "`{}` shows no example:\n{help}", command.join(" "));
        assert_snapshot!(format!("help-{}", command.join("-")), help);
        rest.extend(below);
        seen.insert(command.join(" "));
    }
    for verb in ["new", "check", "try", "run", "resume", "runs list", "problems", "algorithms", "schema", "completions"]
    {
        assert!(seen.contains(verb), "`{verb}` is not among {seen:?}");
    }
}

/// The commands that the help of `parent` lists.
fn commands(help: &str, parent: &[String]) -> Vec<Vec<String>> {
    let list = help.split_once("\nCommands:\n").map_or("", |(_, list)| list);
    let list = list.split_once("\n\n").map_or(list, |(list, _)| list);
    // A line that goes on with the text of the one above begins with more spaces.
    let names = list.lines().filter_map(|line| line.strip_prefix("  ")).filter(|line| !line.starts_with(' '));
    let names = names.filter_map(|line| line.split_whitespace().next());
    names.map(|name| parent.iter().cloned().chain([name.to_owned()]).collect()).collect()
}
