# Evaluates candidates for genetic-pool: frames come in on standard input and go out on what was standard output.
# Standard library only, Python 3.8 or newer. The other end is frames.rs, which says what a frame looks like.

import os
import sys

_FILE = "<genetic-pool>"
_LIMIT = 16 * 1024
_VERSION = 2
HELLO, READY, REFUSED, EVALUATE, STARTED, FOUND = 1, 2, 3, 4, 5, 6
EXCEPTION, NOT_A_NUMBER, WRONG_OUTPUT, TIMEOUT, MEMORY, EXIT = 1, 2, 3, 4, 5, 6


class Failed(Exception):
    """A candidate's failure: kind and message."""

    def __init__(self, kind, message):
        self.kind = kind
        self.message = message


class Refused(Exception):
    """Why nothing can be evaluated: message and hint."""

    def __init__(self, message, hint=None):
        self.message = message
        self.hint = hint


class Pipe:
    """The frames' two ends, out of reach of the user's code."""

    def __init__(self):
        # What the user's code reads and prints goes elsewhere: nothing in, and out to standard error.
        self._in = open(os.dup(0), "rb", 1 << 20)
        self._out = os.dup(1)
        self._pid = os.getpid()
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)

    def read(self):
        header = self._in.read(8)
        if len(header) < 8:
            return None, None
        if header[:3] != b"GP" + bytes([_VERSION]):
            raise Refused("the driver speaks another protocol: %r" % header)
        length = int.from_bytes(header[4:], "little")
        body = self._in.read(length)
        if len(body) < length:
            return None, None
        return header[3], body

    def write(self, kind, *parts):
        if os.getpid() != self._pid:
            # A copy that the evaluation forked has come back from it: only the original answers.
            os._exit(0)
        length = sum(map(len, parts))
        data = b"".join((b"GP", bytes((_VERSION, kind)), length.to_bytes(4, "little")) + parts)
        written = os.write(self._out, data)
        while written < len(data):
            written += os.write(self._out, memoryview(data)[written:])


class Context:
    """What an evaluation may know about itself.

    `candidate` is its name, `seed` a whole number that all its chance should come from, `deadline` the seconds it may
    take or None, `options` the problem's own parameters, `scratch` a folder of its own, made when it is first asked for.
    """

    __slots__ = ("_number", "seed", "deadline", "options", "_root", "_folder")

    def __init__(self, number, seed, deadline, options, root):
        self._number = number
        self.seed = seed
        self.deadline = deadline
        self.options = options
        self._root = root
        self._folder = None

    @property
    def candidate(self):
        island, index = self._number >> 48, self._number & ((1 << 48) - 1)
        return "%d.%d" % (island, index) if island else str(index)

    @property
    def scratch(self):
        if self._folder is None:
            folder = os.path.join(self._root, self.candidate)
            os.makedirs(folder, exist_ok=True)
            self._folder = folder
        return self._folder

    def __repr__(self):
        return "Context(candidate=%r, seed=%r, deadline=%r)" % (self.candidate, self.seed, self.deadline)


class Space:
    """Turns the columns of a frame into one dict a candidate."""

    def __init__(self, space):
        import struct

        self.shape = space["shape"]
        self.parameters = space["parameters"]
        self.names = [parameter["name"] for parameter in self.parameters]
        self.row = struct.Struct("<%dd" % self.shape["reals"])
        self.plain = not self.shape["mask_words"] and all(
            parameter["kind"] == "real" and parameter["len"] is None for parameter in self.parameters
        )

    def read(self, body, at, rows):
        """The rows' parameters."""
        columns = []
        for width, code, size in (
            (self.shape["reals"], "d", 8),
            (self.shape["ints"], "q", 8),
            (self.shape["bit_words"], "Q", 8),
            (self.shape["items"], "I", 4),
            (self.shape["mask_words"], "Q", 8),
        ):
            end = at + rows * width * size
            columns.append((width, body[at:end].cast(code).tolist() if width else []))
            at = end
        if at != len(body):
            raise Refused("the driver sent %d bytes where %d were expected" % (len(body), at))
        if self.plain:
            width, reals = columns[0]
            return [dict(zip(self.names, reals[row * width:(row + 1) * width])) for row in range(rows)]
        return [self._row([column[row * width:(row + 1) * width] for width, column in columns]) for row in range(rows)]

    def _row(self, row):
        reals, ints, bits, items, active = row
        values = {}
        for index, parameter in enumerate(self.parameters):
            if active and not active[index >> 6] >> (index & 63) & 1:
                continue
            kind, start, length = parameter["kind"], parameter["start"], parameter["len"]
            end = start + (1 if length is None else length)
            if kind == "real":
                value = reals[start:end]
            elif kind == "int":
                value = ints[start:end]
            elif kind == "level":
                levels = parameter["levels"]
                value = [levels[level] for level in ints[start:end]]
            elif kind == "bit":
                value = [bool(bits[bit >> 6] >> (bit & 63) & 1) for bit in range(start, end)]
            else:
                values[parameter["name"]] = items[start:start + parameter["genes"]]
                continue
            values[parameter["name"]] = value[0] if length is None else value
        return values


class Outputs:
    """Turns what an evaluation returned into numbers, in the order goals, constraints, measures."""

    def __init__(self, hello):
        self.goals = hello["goals"]
        self.constraints = hello["constraints"]
        self.measures = hello["measures"]
        self.needed = self.goals + self.constraints
        self.names = self.needed + self.measures
        self.known = set(self.names)

    def read(self, value):
        if type(value) is float and len(self.needed) == 1:
            return self._checked([value])
        if isinstance(value, BaseException):
            raise value
        if isinstance(value, dict):
            return self._named(value)
        tolist = getattr(value, "tolist", None)
        if callable(tolist):
            # NumPy's scalars and arrays, and what behaves like them.
            value = tolist()
        if isinstance(value, (list, tuple)):
            return self._listed(value)
        number = self._number(value, "the evaluation")
        if len(self.needed) != 1:
            raise Failed(WRONG_OUTPUT, "the evaluation returned one number, where %s expected" % self._expected())
        return self._checked([number])

    def _named(self, value):
        unknown = [name for name in value if name not in self.known]
        if unknown:
            message = "the evaluation returned `%s`, which is no goal, constraint or measure" % unknown[0]
            near = nearest(str(unknown[0]), self.names)
            message += ": did you mean `%s`?" % near if near else ": there are " + quoted(self.names)
            raise Failed(WRONG_OUTPUT, message)
        missing = [name for name in self.needed if name not in value]
        if missing:
            raise Failed(WRONG_OUTPUT, "the evaluation returned no %s" % quoted(missing))
        return self._checked([self._number(value[name], name) if name in value else nan for name in self.names])

    def _listed(self, value):
        if len(value) not in (len(self.needed), len(self.names)):
            count = "%d value%s" % (len(value), "" if len(value) == 1 else "s")
            raise Failed(WRONG_OUTPUT, "the evaluation returned %s, where %s expected" % (count, self._expected()))
        return self._checked([self._number(item, name) for item, name in zip(value, self.names)])

    def _checked(self, numbers):
        for number, name in zip(numbers, self.needed):
            if number != number:
                raise Failed(NOT_A_NUMBER, "`%s` is not a number" % name)
        return numbers + [nan] * (len(self.names) - len(numbers))

    def _number(self, value, name):
        if value is None and name == "the evaluation":
            raise Failed(WRONG_OUTPUT, "the evaluation returned `None`: is a `return` missing?")
        if not isinstance(value, (str, bytes)):
            try:
                item = getattr(value, "item", None)
                return float(item() if callable(item) else value)
            except (TypeError, ValueError, OverflowError):
                pass
        who = name if name == "the evaluation" else "`%s`" % name
        what = "returned" if name == "the evaluation" else "is"
        raise Failed(WRONG_OUTPUT, "%s %s %s, which is no real number" % (who, what, described(value)))

    def _expected(self):
        if len(self.names) == 1:
            return "one number, `%s`, was" % self.names[0]
        return "%d values (%s) were" % (len(self.needed), quoted(self.needed))


nan = float("nan")


def described(value):
    try:
        text = repr(value)
    except BaseException:
        text = "?"
    if len(text) > 60:
        text = text[:57] + "..."
    return "`%s` (%s)" % (text, type(value).__name__)


def quoted(names):
    names = ["`%s`" % name for name in names]
    if len(names) < 2:
        return "".join(names)
    return ", ".join(names[:-1]) + " and " + names[-1]


def nearest(name, names):
    import difflib

    near = difflib.get_close_matches(name, names, 1)
    return near[0] if near else None


def traceback_of(error):
    """The user's traceback: without our frames and those of the import machinery."""
    try:
        import traceback

        import importlib

        shown = traceback.TracebackException(type(error), error, error.__traceback__)
        seen = set()
        chain = [shown]
        while chain:
            part = chain.pop()
            if part is None or id(part) in seen:
                continue
            seen.add(id(part))
            part.stack[:] = [
                frame
                for frame in part.stack
                if frame.filename not in (_FILE, importlib.__file__)
                and not frame.filename.startswith("<frozen importlib")
            ]
            chain += [part.__cause__, part.__context__] + list(getattr(part, "exceptions", None) or [])
        text = "".join(shown.format()).rstrip()
    except BaseException:
        text = "%s: its traceback cannot be shown" % type(error).__name__
    return cut(text)


def cut(text):
    if len(text) > _LIMIT:
        half = _LIMIT // 2
        text = "%s\n[… %d characters …]\n%s" % (text[:half], len(text) - 2 * half, text[-half:])
    return text


def failure_of(error):
    if isinstance(error, Failed):
        return error.kind, error.message
    if isinstance(error, SystemExit):
        code = error.code
        if code is None:
            code = 0
        return EXIT, "the evaluation called `sys.exit(%.60r)`\n%s" % (code, traceback_of(error))
    return EXCEPTION, traceback_of(error)


def arity(function, what, least, most):
    """How many of `least` to `most` arguments to call it with: as many as it takes."""
    import inspect

    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        # Builtins that do not say: the simplest call.
        return least
    for count in range(most, least - 1, -1):
        try:
            signature.bind(*[None] * count)
            return count
        except TypeError:
            pass
    if what == "setup":
        raise Refused("`setup%s` cannot be called" % signature, "write `def setup(self, options):`")
    shapes = "(parameters) or (parameters, context)"
    raise Refused("`%s%s` cannot be called: it must take %s" % (what, signature, shapes), "write `def %s(parameters, context):` and take values by name: `parameters[\"x\"]`" % what.split(".")[-1])


class Fitness:
    """The user's function, or an object of their class."""

    def __init__(self, hello):
        target = load(hello["module"], hello["function"], hello["directory"])
        name = hello["function"]
        self.options = hello["options"]
        self.batch = None
        if isinstance(target, type):
            try:
                target = target()
            except BaseException as error:
                raise Refused("`%s` cannot be made\n%s" % (name, traceback_of(error)))
        setup = getattr(target, "setup", None)
        if callable(setup):
            count = arity(setup, "setup", 0, 1)
            try:
                setup(*[self.options][:count])
            except BaseException as error:
                raise Refused("`%s.setup` failed\n%s" % (name, traceback_of(error)))
        batch = getattr(target, "evaluate_batch", None)
        single = getattr(target, "evaluate", None)
        if callable(batch):
            self.batch = batch
            self.batch_arity = arity(batch, name + ".evaluate_batch", 1, 2)
        elif callable(single):
            self.single = single
            self.single_arity = arity(single, name + ".evaluate", 1, 2)
        elif callable(target):
            self.single = target
            self.single_arity = arity(target, name, 1, 2)
        else:
            raise Refused(
                "`%s` can neither be called nor has a method `evaluate` or `evaluate_batch`" % name,
                "give it `def evaluate(self, parameters, context):`",
            )

    def one(self, parameters, context):
        if self.batch is not None:
            return self.many([parameters], [context])[0]
        return self.single(parameters) if self.single_arity == 1 else self.single(parameters, context)

    def many(self, parameters, contexts):
        found = self.batch(parameters) if self.batch_arity == 1 else self.batch(parameters, contexts)
        tolist = getattr(found, "tolist", None)
        if callable(tolist):
            found = tolist()
        if not isinstance(found, (list, tuple)):
            raise Failed(WRONG_OUTPUT, "`evaluate_batch` returned %s, where a list of outcomes was expected" % described(found))
        if len(found) != len(parameters):
            raise Failed(WRONG_OUTPUT, "`evaluate_batch` returned %d outcomes for %d candidates" % (len(found), len(parameters)))
        return found


def load(module_name, function, directory):
    import importlib

    if sys.path and sys.path[0] in ("", directory):
        del sys.path[0]
    sys.path.insert(0, directory)
    where = "%s (Python %s)" % (sys.executable, sys.version.split()[0])
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or ""
        if module_name == missing or module_name.startswith(missing + "."):
            hint = "it is looked for in %s, then where %s looks" % (directory, where)
            modules = [name[:-3] for name in sorted(os.listdir(directory)) if name.endswith(".py")]
            near = nearest(module_name, modules)
            if near:
                hint = "did you mean `%s`? %s" % (near, hint)
            elif modules:
                hint += "; in the folder are %s" % quoted(modules[:8])
            raise Refused("there is no Python module `%s`" % module_name, hint)
        raise Refused(
            "Python module `%s` cannot be imported\n%s" % (module_name, traceback_of(error)),
            "the interpreter is %s: install `%s` there, or choose another with --python PATH" % (where, missing),
        )
    except BaseException as error:
        raise Refused("Python module `%s` cannot be imported\n%s" % (module_name, traceback_of(error)), "the interpreter is %s" % where)
    target = module
    for part in function.split("."):
        names = [name for name in dir(target) if not name.startswith("_")]
        if not hasattr(target, part):
            path = getattr(module, "__file__", None) or module_name
            near = nearest(part, names)
            own = [name for name in names if getattr(getattr(target, name), "__module__", None) == module_name]
            if near:
                hint = "did you mean `%s:%s`?" % (module_name, near)
            elif own:
                hint = "it has %s" % quoted(own[:8])
            else:
                hint = "it defines no function"
            raise Refused("there is no `%s` in Python module `%s` (%s)" % (part, module_name, path), hint)
        target = getattr(target, part)
    return target


class Chance:
    """Seeds `random` and `numpy.random` from each trial, where the user's code has loaded them.

    They may be loaded in the middle of an evaluation, NumPy's even by `numpy.random` alone: then they are seeded
    before that import returns. Seeding costs more than a cheap evaluation, so what is not loaded is left alone.
    """

    def __init__(self):
        import builtins

        self._builtins = builtins
        self._import = builtins.__import__
        self._seed = 0
        self._missing = ["random", "numpy.random"]
        self._loaded = []
        builtins.__import__ = self._watch

    def begin(self, seed):
        self._seed = seed
        if self._missing:
            self._look()
        for module in self._loaded:
            module.seed(seed & 0xFFFFFFFF)

    def _watch(self, *arguments, **keywords):
        found = self._import(*arguments, **keywords)
        if self._missing:
            self._look()
        return found

    def _look(self):
        for name in list(self._missing):
            module = sys.modules.get(name)
            # While it is being loaded it has no `seed` yet.
            if module is not None and hasattr(module, "seed"):
                self._missing.remove(name)
                self._loaded.append(module)
                module.seed(self._seed & 0xFFFFFFFF)
        if not self._missing and self._builtins.__import__ == self._watch:
            self._builtins.__import__ = self._import


def flush():
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BaseException:
            pass


class Server:
    def __init__(self, pipe, hello):
        import array
        import struct
        import time

        self.array = array.array
        self.clock = time.perf_counter
        self.pipe = pipe
        self.hello = hello
        self.space = Space(hello["space"])
        self.outputs = Outputs(hello)
        self.fitness = Fitness(hello)
        self.chance = Chance()
        self.goals = len(self.outputs.goals)
        self.constraints = len(self.outputs.constraints)
        self.measures = len(self.outputs.measures)
        self.pair = struct.Struct("<QQ")
        self.row = struct.Struct("<4I%ddf" % len(self.outputs.names))

    def evaluate(self, body):
        rows = int.from_bytes(body[:4], "little")
        flags = int.from_bytes(body[4:8], "little")
        acknowledge, group = flags & 1, flags & 2
        if rows == 1:
            return self.single(body)
        body = memoryview(body)
        ids = body[8:8 + 8 * rows].cast("Q").tolist()
        seeds = body[8 + 8 * rows:8 + 16 * rows].cast("Q").tolist()
        parameters = self.space.read(body, 8 + 16 * rows, rows)
        scratch, deadline, options = self.hello["scratch"], self.hello["timeout"], self.hello["options"]
        contexts = [Context(number, seed, deadline, options, scratch) for number, seed in zip(ids, seeds)]
        if group and self.fitness.batch is not None:
            return self.group(parameters, contexts)
        first, found, last = 0, [], self.clock()
        for row in range(rows):
            if acknowledge:
                self.pipe.write(STARTED, row.to_bytes(4, "little"))
            start = self.clock()
            outcome = self.one(parameters[row], contexts[row])
            end = self.clock()
            found.append((outcome, end - start))
            if end - last > 0.02 and row + 1 < rows:
                self.answer(first, found, contexts)
                first, found, last = row + 1, [], end
        self.answer(first, found, contexts)

    def single(self, body):
        """One candidate alone: what expensive evaluations come down to, on the shortest way."""
        number, seed = self.pair.unpack_from(body, 8)
        hello = self.hello
        context = Context(number, seed, hello["timeout"], hello["options"], hello["scratch"])
        if self.space.plain:
            parameters = dict(zip(self.space.names, self.space.row.unpack_from(body, 24)))
        else:
            parameters = self.space.read(memoryview(body), 24, 1)[0]
        start = self.clock()
        outcome = self.one(parameters, context)
        took = self.clock() - start
        if type(outcome) is tuple:
            return self.answer(0, [(outcome, took)], [context])
        flush()
        self.pipe.write(FOUND, self.row.pack(0, 1, 0, int(context._folder is not None), *outcome, took))

    def one(self, parameters, context):
        try:
            self.chance.begin(context.seed)
            return self.outputs.read(self.fitness.one(parameters, context))
        except BaseException as error:
            return failure_of(error)

    def group(self, parameters, contexts):
        start = self.clock()
        try:
            self.chance.begin(contexts[0].seed)
            outcomes = self.fitness.many(parameters, contexts)
        except BaseException:
            # One of them may spoil it for all: each alone, so that only that one fails.
            outcomes = None
        found = []
        if outcomes is None:
            for row in range(len(contexts)):
                start = self.clock()
                outcome = self.one(parameters[row], contexts[row])
                found.append((outcome, self.clock() - start))
        else:
            seconds = (self.clock() - start) / len(contexts)
            for outcome in outcomes:
                try:
                    found.append((self.outputs.read(outcome), seconds))
                except BaseException as error:
                    found.append((failure_of(error), seconds))
        self.answer(0, found, contexts)

    def answer(self, first, found, contexts):
        flush()
        columns = [self.array("d"), self.array("d"), self.array("d")]
        seconds = self.array("f")
        failures = []
        edges = (0, self.goals, self.goals + self.constraints, self.goals + self.constraints + self.measures)
        longest = (128 << 20) // max(1, len(found))
        for row, (outcome, took) in enumerate(found):
            seconds.append(took)
            if type(outcome) is tuple:
                kind, message = outcome
                data = message.encode("utf-8", "backslashreplace")[:longest]
                failures.append(b"".join((row.to_bytes(4, "little"), bytes([kind, 0, 0, 0]), len(data).to_bytes(4, "little"), data)))
                outcome = [nan] * edges[3]
            for column, start, end in zip(columns, edges, edges[1:]):
                column.extend(outcome[start:end])
        made = any(context._folder for context in contexts)
        head = b"".join(number.to_bytes(4, "little") for number in (first, len(found), len(failures), int(made)))
        self.pipe.write(FOUND, head, *[column.tobytes() for column in columns], seconds.tobytes(), *failures)


def main():
    import json

    pipe = Pipe()
    # Whole lines at once, so that what was printed is there when a crash cuts the evaluation short.
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.reconfigure(line_buffering=True, errors="backslashreplace")
        except AttributeError:
            pass
    try:
        import faulthandler

        faulthandler.enable()
    except Exception:
        pass
    kind, body = pipe.read()
    if kind != HELLO:
        return
    try:
        server = Server(pipe, json.loads(body.decode()))
    except Refused as error:
        flush()
        refusal = {"message": cut(error.message), "hint": error.hint}
        pipe.write(REFUSED, json.dumps(refusal).encode())
        return
    flush()
    about = {"python": sys.version.split()[0], "executable": sys.executable}
    pipe.write(READY, json.dumps(about).encode())
    while True:
        kind, body = pipe.read()
        if kind is None:
            break
        if kind == EVALUATE:
            server.evaluate(body)


main()
flush()
# Threads and exit handlers of the user's code must not keep the worker from ending.
os._exit(0)
