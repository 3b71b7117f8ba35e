//! Names that a new experiment cannot have, and why not.

/// What a package cannot be called: keywords, names of the standard crates and of the program's own dependencies.
pub(super) const RUST_NAMES: &str = "\
    abstract alloc as async await become box break build const continue core crate deps do dyn else enum examples \
    extern false final fn for gen genetic-pool genetic-pool-evolve genetic_pool genetic_pool_evolve if impl in \
    incremental let loop macro match mod move mut override priv proc-macro proc_macro pub ref return self serde \
    static std struct super test trait true try type typeof unsafe unsized use virtual where while yield";

/// What the program uses by these names.
pub(super) const RUST_TYPES: &str = "\
    App BatchView Bound CandidateId Condition Constraint D Deserialize Deserializer Direction Domain Err Error \
    ExitCode Failure FailureKind Genome Goal Job Level Ok Outcome Outcomes Parameter Problem Result Scale Self \
    Signature Space SpaceError Trial Value Vec";

/// What a module in the folder of the experiment would hide from all others, and Python's own words.
pub(super) const PYTHON_NAMES: &str = "\
    abc and argparse array as assert ast async asyncio await base64 bisect break builtins calendar class cmath code \
    codecs collections concurrent contextlib continue copy csv ctypes dataclasses datetime decimal def del difflib \
    dis elif else email enum errno except false finally for fractions from functools gc genericpath getpass glob \
    global gzip hashlib heapq hmac html http if import importlib in inspect io is itertools jax json keyword lambda \
    linecache locale logging marshal math matplotlib mmap multiprocessing none nonlocal not numbers numpy operator \
    or os pandas pass pathlib pickle platform posixpath pprint profile queue raise random re reprlib resource return \
    scipy select selectors shutil signal site sklearn socket sqlite3 ssl stat statistics string struct subprocess \
    symtable sys tempfile test textwrap threading time timeit token tokenize tomllib torch trace traceback true try \
    types typing unittest urllib uuid warnings weakref while with xml yield zipfile zlib";

/// Whether `name` is one of `names`.
pub(super) fn among(names: &str, name: &str) -> bool {
    names.split_whitespace().any(|other| other == name)
}
