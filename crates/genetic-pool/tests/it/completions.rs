//! `completions`.

use crate::context;

#[test]
fn every_shell_gets_a_script_that_knows_the_verbs() {
    let context = context();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = context.run(&["completions", shell]).success().stdout;
        for verb in ["check", "problems", "completions"] {
            assert!(script.contains(verb), "{shell}: no `{verb}`");
        }
        for hidden in ["worker", "guard"] {
            let word = format!("genetic-pool {hidden}");
            assert!(!script.contains(&word), "{shell}: `{hidden}` is shown");
        }
    }
}

#[test]
fn bash_accepts_its_script() {
    let context = context();
    let script = context.run(&["completions", "bash"]).success().stdout;
    let path = context.write("completions.bash", script);
    let check = context.command_of("bash", &["-n".as_ref(), path.as_os_str()]);
    context.spawn_command(check).wait(std::time::Duration::from_secs(20)).success();
}
