//! An experiment whose evaluation is Python, in a folder of its own, and what its evaluations leave behind.

use genetic_pool_testkit::TestContext;

use crate::context;

/// The space, search and budget of [`python`]: a run of 40 evaluations.
const REST: &str = "
[space]
x = { real = [0.0, 1.0] }

[algorithm]
name = \"genetic\"
population = 10

[stop]
evaluations = 40
";

/// A context whose `experiment.toml` evaluates the function `f` of the Python text `code`, with the lines `problem` in
/// `[problem]`. What is shown of outputs holds no times, ids, digests and lines about progress.
pub(crate) fn python(code: &str, problem: &str) -> TestContext {
    let context = calm(context())
        .filter(r"/\S*/python[\d.]* \(Python [\d.]+\)", "[PYTHON]")
        // Where in a line it was is said by some versions of Python only.
        .filter(r"(?m)^[ |]*[~^]+\n", "");
    context.write("fitness.py", code);
    context.write("experiment.toml", experiment("goals = { f = \"minimize\" }", problem));
    context
}

/// The text of an experiment that evaluates `fitness:f`, with the lines `outputs` ahead of `[problem]` and the lines
/// `problem` in it.
pub(crate) fn experiment(outputs: &str, problem: &str) -> String {
    format!("format = 1\nseed = 7\nparallel = 2\n{outputs}\n\n[problem]\npython = \"fitness:f\"\n{problem}{REST}")
}

/// `context`, showing of outputs nothing that differs from run to run.
pub(crate) fn calm(context: TestContext) -> TestContext {
    context
        .filter(r"\b\d{8}-\d{6}-[0-9a-z]{4}\b", "[RUN]")
        // A run that takes longer than a second says where it stands.
        .filter(r"(?m)^[\d,]+ (of [\d,]+|evaluations?)( · .*)?\n", "")
        .filter_figures()
}

/// A fitness that does `what` for candidate 3, and is `x` else.
pub(crate) fn candidate_3(what: &str) -> String {
    let what = what.trim().replace('\n', "\n        ");
    format!(
        "import os, signal, sys, time\n\ndef f(parameters, context):\n    x = parameters['x']\n    \
         if context.candidate == '3':\n        {what}\n    return x\n"
    )
}

/// The run's digest, as the last event says.
pub(crate) fn digest(ended: &genetic_pool_testkit::Ended) -> String {
    let last = ended.json_lines().pop().unwrap_or_else(|| panic!("no event:\n{ended}"));
    assert_eq!(last["event"], "finished", "{ended}");
    last["digest"].as_str().unwrap_or_else(|| panic!("no digest:\n{ended}")).to_owned()
}
