//! Python functions: what they are given, what they may return, and how their faults read.

use super::*;

/// The failure of the one candidate of `lab`: its kind and message.
fn failed(code: &str) -> (FailureKind, String) {
    let Failure { kind, message } = Lab::python(code).failure();
    (kind, message)
}

/// The failure of a fitness that returns `value`.
fn returned(value: &str) -> (FailureKind, String) {
    failed(&format!("def f(parameters):\n    return {value}\n"))
}

/// Why nothing can be evaluated, and what to do.
fn refused(lab: &Lab) -> (String, String) {
    let error = lab.evaluate(3, 2).unwrap_err();
    let folder = lab.path().canonicalize().unwrap().display().to_string();
    let clean = |text: String| text.replace(&folder, "[FOLDER]");
    (clean(error.message), clean(error.hint.unwrap_or_default()))
}

#[test]
fn a_function_of_the_parameters() {
    let lab = Lab::python("def f(parameters):\n    return parameters['x'] * 2 + 0.1\n");
    let xs = [0.1, 0.25, 1.0 / 3.0];
    for slots in [1, 2] {
        let found = lab.evaluate_x(&xs, slots);
        assert_eq!(found, xs.map(|x| Ok(vec![x * 2.0 + 0.1])));
    }
    assert_eq!(lab.logs(), []);
}

#[test]
fn every_kind_of_parameter_arrives_as_python_knows_it() {
    let space = r#"
        [space]
        span  = { real = [20.0, 60.0] }
        chord = { real = [0.5, 5.0], len = 3 }
        ribs  = { int = [-4, 40] }
        flap  = { choice = ["none", "plain", 3, 0.5] }
        grade = { ordinal = [1, 2, 4], len = 2 }
        gear  = { bit = true }
        masks = { bit = true, len = 70 }
        order = { permutation = 5 }
        jobs  = { sequence = [2, 1] }
        gap   = { real = [0.5, 3.0], when = { gear = true } }
    "#;
    let code = "
def f(parameters, context):
    print(sorted((name, type(value).__name__) for name, value in parameters.items()))
    print(parameters['flap'], type(parameters['flap']).__name__, parameters['grade'], parameters['gear'])
    print(parameters['masks'][:3], len(parameters['masks']), parameters['order'], parameters['jobs'], len(parameters['chord']))
    return 'gap' in parameters
";
    let lab = Lab::with(&[("fitness.py", code)], "python = \"fitness:f\"", space);
    let mut batch = lab.batch(0..2);
    let shape = batch.genomes.shape;
    batch.genomes.ints[..shape.ints].copy_from_slice(&[-3, 3, 2, 0]);
    batch.genomes.ints[shape.ints..].copy_from_slice(&[5, 0, 1, 1]);
    batch.genomes.bits[..shape.bit_words()].copy_from_slice(&[0b1011, 0]);
    batch.genomes.bits[shape.bit_words()..].copy_from_slice(&[0b0110, 0]);
    // `gap` does not count in the second.
    batch.genomes.active[1] = 0b01_1111_1111;
    let found = collect(&mut lab.processes(1), &mut batch).unwrap();
    assert_eq!(found, [Ok(vec![1.0]), Ok(vec![0.0])]);
    let logs = lab.logs();
    assert!(
        logs[0].output.contains("('chord', 'list'), ('flap', 'float'), ('gap', 'float'), ('gear', 'bool')"),
        "{logs:?}"
    );
    assert!(
        logs[0].output.contains("0.5 float [4, 1] True\n[True, False, True] 70 [0, 1, 2, 3, 4] [0, 0, 1] 3"),
        "{logs:?}"
    );
    assert!(
        logs[1].output.contains("none str [2, 2] False\n[True, True, False] 70 [1, 2, 3, 4, 0] [0, 1, 0] 3"),
        "{logs:?}"
    );
    assert_eq!([logs[0].candidate, logs[1].candidate], [CandidateId(0), CandidateId(1)]);
}

#[test]
fn the_context_says_seed_candidate_deadline_options_and_a_folder() {
    let code = "
import os
def f(parameters, context):
    assert isinstance(context.seed, int) and context.seed >= 0
    assert context.options == {'mesh': 'fine', 'depth': [1, 2.5]}, context.options
    assert context.deadline == 60.0
    open(os.path.join(context.scratch, 'note'), 'w').write('x')
    assert os.path.basename(context.scratch) == context.candidate
    print(context.scratch)
    return context.seed % 1000003
";
    let lab = Lab::python_with(code, "options = { mesh = \"fine\", depth = [1, 2.5] }\ntimeout = \"60s\"\n");
    let found = lab.evaluate(3, 2).unwrap();
    let seed = |index| genetic_pool::evolve::problem::Trial::new(7, CandidateId(index)).seed % 1_000_003;
    assert_eq!(found, [0, 1, 2].map(|index| Ok(vec![seed(index) as f64])));
    for log in lab.logs() {
        assert!(!Path::new(log.output.trim()).exists(), "the scratch folder is left behind");
    }
}

#[test]
fn outputs_come_by_name_or_in_order() {
    let text = |returned: &str| {
        let code = format!("def f(p):\n    x = p['x']\n    return {returned}\n");
        let text = "goals = { drag = \"minimize\" }\n\
                    constraints = { mass = { max = 9.0 }, stress = { max = 1.0 } }\nmeasures = [\"lift\"]\n\
                    [problem]\npython = \"fitness:f\"\n[space]\nx = { real = [0.0, 1.0] }\n[algorithm]\nname = \"random\"\n";
        let lab = Lab::of(&[("fitness.py", &code)], text);
        lab.evaluate_x(&[0.5], 1).remove(0).map_err(|failure| failure.message)
    };
    assert_eq!(text("{'mass': 2, 'drag': x, 'stress': True, 'lift': 4}"), Ok(vec![0.5, 2.0, 1.0, 4.0]));
    assert_eq!(text("(x, 2, -0.0, 4)"), Ok(vec![0.5, 2.0, -0.0, 4.0]));
    let left_out = text("[x, 2, float('inf')]").unwrap();
    assert!(left_out[2].is_infinite() && left_out[3].is_nan());
    let expect = |returned: &str, words: &str| assert_eq!(text(returned), Err(words.to_owned()));
    expect("x", "the evaluation returned one number, where 3 values (`drag`, `mass` and `stress`) were expected");
    expect("[x, x]", "the evaluation returned 2 values, where 3 values (`drag`, `mass` and `stress`) were expected");
    expect("{'drag': x, 'mass': x}", "the evaluation returned no `stress`");
    let unknown = "the evaluation returned `dragg`, which is no goal, constraint or measure: did you mean `drag`?";
    expect("{'dragg': x, 'mass': x, 'stress': 0}", unknown);
    expect("[x, 'heavy', 0]", "`mass` is `'heavy'` (str), which is no real number");
    expect("[x, float('nan'), 0]", "`mass` is not a number");
}

#[test]
fn what_is_no_number_is_said() {
    let wrong = |message: &str| (FailureKind::WrongOutput, message.to_owned());
    assert_eq!(returned("None"), wrong("the evaluation returned `None`: is a `return` missing?"));
    assert_eq!(returned("'1.0'"), wrong("the evaluation returned `'1.0'` (str), which is no real number"));
    assert_eq!(returned("1j"), wrong("the evaluation returned `1j` (complex), which is no real number"));
    assert_eq!(returned("10 ** 400").0, FailureKind::WrongOutput);
    assert_eq!(returned("[1.0, 2.0]"), wrong("the evaluation returned 2 values, where one number, `f`, was expected"));
    assert_eq!(returned("[]"), wrong("the evaluation returned 0 values, where one number, `f`, was expected"));
    assert_eq!(returned("float('nan')"), (FailureKind::NotANumber, "`f` is not a number".to_owned()));
}

#[test]
fn numbers_of_other_libraries_are_accepted() {
    // Stands in for NumPy, whose scalars and arrays have these methods.
    let code = "
import decimal, fractions
class Array:
    def __init__(self, values): self.values = values
    def tolist(self): return self.values
class Scalar:
    def __init__(self, value): self.value = value
    def item(self): return self.value
    def __float__(self): return float(self.value)
def f(p):
    return [Array([0.5]), Array(0.5), {'f': Scalar(0.5)}, decimal.Decimal('0.5'), fractions.Fraction(1, 2)][int(p['x'] * 10)]
";
    let found = Lab::python(code).evaluate_x(&[0.0, 0.1, 0.2, 0.31, 0.4], 1);
    assert_eq!(found, vec![Ok(vec![0.5]); 5]);
}

#[test]
fn a_traceback_is_the_users_own() {
    let code = "
def inner(x):
    raise ValueError('span is 0')

def f(parameters, context):
    return inner(parameters['x'])
";
    let lab = Lab::python(code);
    let failure = lab.failure();
    assert_eq!(failure.kind, FailureKind::Exception);
    let folder = lab.path().canonicalize().unwrap().display().to_string();
    let message = failure.message.replace(&folder, "[FOLDER]");
    let lines: Vec<&str> = message.lines().filter(|line| !line.trim().starts_with('^')).collect();
    assert_eq!(
        lines,
        [
            "Traceback (most recent call last):",
            "  File \"[FOLDER]/fitness.py\", line 6, in f",
            "    return inner(parameters['x'])",
            "  File \"[FOLDER]/fitness.py\", line 3, in inner",
            "    raise ValueError('span is 0')",
            "ValueError: span is 0",
        ]
    );
}

#[test]
fn ways_to_give_up_that_are_no_exception_of_the_usual_kind() {
    let (kind, message) = failed("import sys\ndef f(p):\n    sys.exit('no licence')\n");
    assert_eq!(kind, FailureKind::Exit);
    assert!(message.starts_with("the evaluation called `sys.exit('no licence')`\nTraceback"), "{message}");
    let (kind, message) = failed("def f(p):\n    raise KeyboardInterrupt\n");
    assert_eq!(kind, FailureKind::Exception);
    assert!(message.ends_with("KeyboardInterrupt"), "{message}");
    let (kind, message) = failed("def f(p):\n    return f(p)\n");
    assert_eq!(kind, FailureKind::Exception);
    assert!(message.contains("RecursionError") && message.len() < 20_000, "{message}");
    let unprintable = "
class Odd(Exception):
    def __str__(self): raise RuntimeError('no words')
    __repr__ = __str__
def f(p):
    raise Odd(lambda: 0)
";
    assert_eq!(failed(unprintable).0, FailureKind::Exception);
    let surrogates = failed("def f(p):\n    raise ValueError('\\ud800')\n");
    assert!(surrogates.1.ends_with("ValueError: \\ud800"), "{}", surrogates.1);
}

#[test]
fn a_class_sets_up_once_and_evaluates_one_or_many() {
    let single = "
class F:
    def setup(self, options):
        self.offset = options['offset']
    def evaluate(self, parameters):
        return parameters['x'] + self.offset
f = F
";
    let lab = Lab::with(&[("fitness.py", single)], "python = \"fitness:F\"\noptions = { offset = 2 }", ONE_REAL);
    assert_eq!(lab.evaluate_x(&[0.25, 0.5], 1), [Ok(vec![2.25]), Ok(vec![2.5])]);

    let many = "
class F:
    def evaluate_batch(self, parameters, contexts):
        assert len(parameters) == len(contexts)
        if any(p['x'] > 0.9 for p in parameters) and len(parameters) > 1:
            raise ValueError('all spoiled')
        return [ValueError('this one') if p['x'] > 0.8 else len(parameters) for p in parameters]
";
    let lab = Lab::with(&[("fitness.py", many)], "python = \"fitness:F\"\nbatch = 3", ONE_REAL);
    let mut batch = lab.batch(0..7);
    batch.genomes.reals.copy_from_slice(&[0.1, 0.2, 0.3, 0.1, 0.85, 0.95, 0.1]);
    batch.groups = vec![0, 0, 0, 3, 3, 3, 6];
    let found = collect(&mut lab.processes(2), &mut batch).unwrap();
    let values: Vec<Option<f64>> = found.iter().map(|found| found.as_ref().ok().map(|values| values[0])).collect();
    assert_eq!(values, [Some(3.0), Some(3.0), Some(3.0), Some(1.0), None, None, Some(1.0)]);
}

#[test]
fn chance_is_the_trials() {
    let code = "
import random
def f(p):
    return random.random() + len(set(['a', 'b', 'c']))
";
    let lab = Lab::python(code);
    let first = lab.evaluate(6, 1).unwrap();
    assert_eq!(bits(&first), bits(&lab.evaluate(6, 2).unwrap()));
    assert_ne!(first[0], first[1]);
    // Loaded late, it is seeded in time.
    let late = code.replace("import random\n", "").replace("    return", "    import random\n    return");
    assert_eq!(bits(&first), bits(&Lab::python(&late).evaluate(6, 6).unwrap()));
    let order = Lab::python("def f(p):\n    return hash('a fixed word') % 1000003\n");
    assert_eq!(order.evaluate(2, 2).unwrap(), order.evaluate(2, 1).unwrap());
}

#[test]
fn what_is_missing_is_said_at_the_start() {
    let code = "import math\ndef simulate(parameters, context):\n    return 1.0\ndef prepare(): pass\n";
    let lab = |target: &str, code: &str| Lab::with(&[("wing.py", code)], &format!("python = \"{target}\""), ONE_REAL);
    let (message, hint) = refused(&lab("wings:simulate", code));
    assert_eq!(message, "there is no Python module `wings`");
    assert!(hint.starts_with("did you mean `wing`? it is looked for in [FOLDER], then where "), "{hint}");

    let (message, hint) = refused(&lab("wing:simulat", code));
    assert_eq!(message, "there is no `simulat` in Python module `wing` ([FOLDER]/wing.py)");
    assert_eq!(hint, "did you mean `wing:simulate`?");

    let (_, hint) = refused(&lab("wing:evaluate_everything", code));
    assert_eq!(hint, "it has `prepare` and `simulate`");

    let (message, hint) = refused(&lab("wing:prepare", code));
    assert_eq!(message, "`prepare()` cannot be called: it must take (parameters) or (parameters, context)");
    assert_eq!(hint, "write `def prepare(parameters, context):` and take values by name: `parameters[\"x\"]`");

    let (message, _) = refused(&lab("wing:math", code));
    assert_eq!(message, "`math` can neither be called nor has a method `evaluate` or `evaluate_batch`");

    let (message, hint) = refused(&lab("wing:f", "import no_such_library\ndef f(p): return 1\n"));
    assert!(message.starts_with("Python module `wing` cannot be imported\nTraceback (most recent call last):\n  File \"[FOLDER]/wing.py\", line 1, in <module>"), "{message}");
    assert!(message.ends_with("ModuleNotFoundError: No module named 'no_such_library'"), "{message}");
    assert!(hint.contains("install `no_such_library` there"), "{hint}");

    let (message, _) = refused(&lab("wing:f", "def f(p)\n    return 1\n"));
    assert!(message.contains("SyntaxError: "), "{message}");

    let setup = "class F:\n    def setup(self): raise OSError('no licence')\n    def evaluate(self, p): return 1\n";
    let (message, _) = refused(&lab("wing:F", setup));
    assert!(
        message.starts_with("`F.setup` failed\nTraceback") && message.ends_with("OSError: no licence"),
        "{message}"
    );
}

#[test]
fn the_interpreter_is_the_one_that_was_asked_for() {
    let code = "def f(p):\n    return 1.0\n";
    let lab = Lab::python_with(code, "interpreter = \"./pythons/python9\"\n");
    let error = lab.evaluate(1, 1).unwrap_err();
    assert_eq!(error.message, "there is no Python interpreter `./pythons/python9`");
    assert!(error.hint.unwrap().contains("--python PATH"));

    let files = [("fitness.py", code), ("old", "#!/bin/sh\necho 'Python 2 is gone' >&2\nexit 4\n")];
    let lab = Lab::with(&files, "python = \"fitness:f\"\ninterpreter = \"./old\"", ONE_REAL);
    let error = lab.evaluate(1, 1).unwrap_err();
    let expected = "the evaluation's process ended with exit code 4 before it was ready\nPython 2 is gone";
    assert_eq!(error.message, expected);

    let lab = Lab::python(code);
    let python = genetic_pool::evaluate::interpreter(None, lab.path()).unwrap();
    assert!(python.is_absolute());
}
