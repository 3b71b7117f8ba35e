"""What dev/bench-peers runs: searches beside those of other libraries, on the same functions, with the same budgets."""

import argparse
import importlib.metadata
import multiprocessing
import os
import struct
import subprocess
import sys
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGETS = 10.0 ** np.linspace(2, -8, 51)


class Done(Exception):
    """The budget is spent, or every target is reached."""


class Function:
    """One of COCO's functions, which notes when each target was first reached."""

    def __init__(self, number, instance, dimension, budget):
        import cocoex
        import ioh

        name = f"function_indices:{number} dimensions:{dimension} instance_indices:{instance}"
        self.suite = cocoex.Suite("bbob", "", name)
        self.value = self.suite[0]
        of = ioh.get_problem(number, instance=instance, dimension=dimension, problem_class=ioh.ProblemClass.BBOB)
        self.best = of.optimum.y
        self.dimension, self.budget = dimension, budget
        self.evaluations, self.reached = 0, 0
        self.hits = np.full(len(TARGETS), np.inf)

    def __call__(self, points):
        values = np.array([self.value(point) for point in points])
        if not np.all(np.isfinite(values)):
            raise ValueError("a function is not finite")
        for offset, value in enumerate(values - self.best):
            while self.reached < len(TARGETS) and value <= TARGETS[self.reached]:
                self.hits[self.reached] = self.evaluations + offset + 1
                self.reached += 1
        self.evaluations += len(values)
        if self.evaluations >= self.budget or self.reached == len(TARGETS):
            raise Done
        return values


_server = None


def ours(function, parallel, seed, algorithm=""):
    """genetic-pool with `algorithm = "auto"`, or the lines of another."""
    global _server
    if _server is None:
        program = os.path.join(ROOT, "target", "release", "genetic-pool-benches")
        _server = subprocess.Popen([program, "ask-tell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    text = f"""
format = 1
seed = {seed}
parallel = {parallel}
goals = {{ f = "minimize" }}
[problem]
command = ["true"]
[space]
x = {{ real = [-5.0, 5.0], len = {function.dimension} }}
[algorithm]
{algorithm}
[stop]
evaluations = {function.budget}
""".encode()
    _server.stdin.write(struct.pack("<I", len(text)) + text)
    while True:
        _server.stdin.flush()
        (rows,) = struct.unpack("<I", _server.stdout.read(4))
        if rows == 0:
            return
        points = np.frombuffer(_server.stdout.read(8 * rows * function.dimension)).reshape(rows, -1)
        try:
            values = function(points)
        except Done:
            _server.kill()
            _server.wait()
            _server = None
            raise
        _server.stdin.write(values.astype("<f8").tobytes())


def pycma(function, parallel, seed):
    """pycma with BIPOP restarts one at a time, IPOP with the population of the slots else."""
    import cma

    rng = np.random.default_rng(seed)
    size = parallel if parallel > 1 else None
    default = 4 + int(3 * np.log(function.dimension))
    large, small_used, large_used, first = 1, 0, 0, True
    while True:
        options = dict(seed=int(rng.integers(1, 1 << 30)), verbose=-9)
        sigma, small = 2.0, False
        if size is not None:
            options["popsize"] = size * large
        elif not first:
            small = small_used < large_used
            if small:
                sigma = 2.0 * 10 ** (-2 * rng.random())
                options["popsize"] = max(4, int(default * (0.5 * large) ** (rng.random() ** 2)))
            else:
                large *= 2
                options["popsize"] = default * large
        began = function.evaluations
        search = cma.CMAEvolutionStrategy(rng.uniform(-4, 4, function.dimension), sigma, options)
        while not search.stop():
            points = search.ask()
            search.tell(points, function(points).tolist())
        used = function.evaluations - began
        if size is not None:
            large *= 2
        elif small:
            small_used += used
        elif not first:
            large_used += used
        first = False


def pymoo(function, parallel, seed):
    """pymoo's differential evolution with its usual settings, by asking and telling."""
    from pymoo.algorithms.soo.nonconvex.de import DE
    from pymoo.core.evaluator import Evaluator
    from pymoo.core.problem import Problem
    from pymoo.problems.static import StaticProblem

    problem = Problem(n_var=function.dimension, n_obj=1, xl=-5.0, xu=5.0)
    search = DE(pop_size=max(parallel, 20))
    search.setup(problem, termination=("n_eval", function.budget), seed=seed)
    while True:
        offspring = search.ask()
        values = function(offspring.get("X"))
        Evaluator().eval(StaticProblem(problem, F=values[:, None]), offspring)
        search.tell(infills=offspring)


def pygmo(function, parallel, seed):
    """pagmo's self-adaptive differential evolution, its own restarts aside."""
    import pygmo as pg

    class Wrapped:
        def fitness(self, point):
            return [float(function([point])[0])]

        def get_bounds(self):
            return ([-5.0] * function.dimension, [5.0] * function.dimension)

    size = max(parallel, 20)
    population = pg.population(pg.problem(Wrapped()), size, seed=seed)
    algorithm = pg.algorithm(pg.sade(gen=1 + function.budget // size, seed=seed, xtol=0.0, ftol=0.0))
    while True:
        population = algorithm.evolve(population)


def optuna(function, parallel, seed):
    """Optuna with its usual sampler, in batches."""
    import optuna as library

    library.logging.set_verbosity(library.logging.ERROR)
    study = library.create_study(sampler=library.samplers.TPESampler(seed=seed, constant_liar=parallel > 1))
    ranges = {f"x{k}": library.distributions.FloatDistribution(-5.0, 5.0) for k in range(function.dimension)}
    while True:
        trials = [study.ask(ranges) for _ in range(parallel)]
        points = np.array([[trial.params[name] for name in ranges] for trial in trials])
        for trial, value in zip(trials, function(points)):
            study.tell(trial, float(value))


SYSTEMS = {"genetic-pool": ours, "pycma": pycma, "pymoo DE": pymoo, "pagmo SaDE": pygmo, "Optuna TPE": optuna}


def job(arguments):
    """The evaluations at which each target was reached, and the seconds it took."""
    system, number, instance, dimension, budget, parallel, seed = arguments
    function = Function(number, instance, dimension, budget)
    began = time.process_time()
    try:
        SYSTEMS[system](function, parallel, seed)
    except Done:
        pass
    return arguments, function.hits, time.process_time() - began


def versions(names):
    found = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in names)
    print(f"{found}; Python {sys.version.split()[0]}", flush=True)


def shares(title, systems, dimension, parallel, multiples, instances):
    """One table: the share of the targets reached after each budget, over all functions and instances."""
    print(f"\n{title}: D = {dimension}, instances {instances[0]} to {instances[-1]}, {parallel} at a time")
    print(f"{'share of 51 targets after':28}" + "".join(f"{multiple:>9}·D" for multiple in multiples))
    table = {}
    for system, most in systems:
        own = [multiple for multiple in multiples if multiple <= most]
        jobs = [
            (system, number, instance, dimension, own[-1] * dimension, parallel, 1000 * instance + number)
            for number in range(1, 25)
            for instance in instances
        ]
        with multiprocessing.Pool(os.cpu_count()) as pool:
            hits = {arguments[1:3]: hits for arguments, hits, _ in pool.imap_unordered(job, jobs)}
        table[system] = hits
        row = [np.mean([hits[key] <= multiple * dimension for key in hits]) for multiple in own]
        print(f"{system:28}" + "".join(f"{share:11.3f}" for share in row), flush=True)
    return table


def by_function(table, dimension, multiple):
    """Function by function, where a first and a second system stand after the largest budget."""
    (first, ours_), (second, theirs) = list(table.items())[:2]
    print(f"\nby function after {multiple}·D, D = {dimension}: {first} / {second}")
    for start in range(1, 25, 6):
        cells = []
        for number in range(start, start + 6):
            mean = lambda hits: np.mean([value <= multiple * dimension for key, value in hits.items() if key[0] == number])
            cells.append(f"f{number:<2} {mean(ours_):.2f}/{mean(theirs):.2f}")
        print("  " + "   ".join(cells))


def bbob(quick):
    versions(["cma", "pymoo", "pygmo", "coco-experiment", "ioh", "numpy"])
    instances = [1, 2, 3] if quick else list(range(1, 16))
    most = 1000 if quick else 10_000
    systems = [("genetic-pool", most), ("pycma", most), ("pagmo SaDE", most), ("pymoo DE", 1000)]
    for dimension in [5, 10] if quick else [2, 5, 10, 20]:
        table = shares("COCO bbob", systems, dimension, 1, [m for m in (100, 1000, 10_000) if m <= most], instances)
        by_function(table, dimension, most)


def parallel(quick):
    versions(["cma", "pymoo", "optuna", "coco-experiment", "ioh", "numpy"])
    instances = [1, 2, 3]
    systems = [("genetic-pool", 3000), ("pycma", 3000), ("pymoo DE", 3000)]
    if not quick:
        systems.append(("Optuna TPE", 100))
    for dimension in [10] if quick else [5, 10, 20]:
        table = shares("rounds of 64", systems, dimension, 64, [100, 300, 1000, 3000], instances)
        by_function(table, dimension, 1000)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("names", nargs="*")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    sections = {"bbob": bbob, "parallel": parallel}
    for name in given.names or sections:
        if name not in sections:
            parser.error(f"there is no comparison `{name}`: {', '.join(sections)}")
        sections[name](given.quick)


if __name__ == "__main__":
    main()
