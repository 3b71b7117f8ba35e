"""Prints golden values of the BBOB functions: values by COCO's own package, optima by the package ioh.

    pip install coco-experiment ioh
    python3 dev/golden/bbob.py >crates/genetic-pool-evolve/tests/data/bbob.tsv

It says how far the two packages are apart: by rounding alone, but for function 7 near its optimum, where ioh 0.4.2
leaves out the slope of the first variable.
"""

import importlib.metadata
import sys

import cocoex
import ioh

INSTANCES = [1, 2, 3, 7]
DIMENSIONS = [2, 5, 10, 40]


def share(function, instance, point, place):
    """A number in [0, 1) that the test computes just so."""
    mixed = (place + 1) * (point + 2) * 7919 + (place * place + 1) * (function + 31) * 13 + instance * 97
    return mixed % 100_003 / 100_003


def points(function, instance, dimension, optimum):
    """Three points within the bounds, one that may be outside, one near the optimum."""
    for point in range(5):
        shares = [share(function, instance, point, place) for place in range(dimension)]
        if point < 3:
            yield [10 * u - 5 for u in shares]
        elif point == 3:
            yield [14 * u - 7 for u in shares]
        else:
            yield [x + (0.02 * u - 0.01) for x, u in zip(optimum, shares)]


def main():
    versions = [f"{package} {importlib.metadata.version(package)}" for package in ("coco-experiment", "ioh")]
    print(f"# {', '.join(versions)}")
    print("# function instance dimension f_opt x_opt[0] x_opt[-1] then values: 3 inside, 1 outside, 1 near the optimum")
    suite = cocoex.Suite("bbob", f"instances: {','.join(map(str, INSTANCES))}", "")
    apart = {}
    for function in range(1, 25):
        for instance in INSTANCES:
            for dimension in DIMENSIONS:
                other = ioh.get_problem(function, instance, dimension, ioh.ProblemClass.BBOB)
                coco = suite.get_problem_by_function_dimension_instance(function, dimension, instance)
                x_opt, f_opt = list(map(float, other.optimum.x)), float(other.optimum.y)
                values = []
                for x in points(function, instance, dimension, x_opt):
                    values.append(float(coco(x)))
                    relative = abs(float(other(x)) - values[-1]) / (abs(values[-1] - f_opt) + 1e-3)
                    apart[function] = max(apart.get(function, 0.0), relative)
                print(function, instance, dimension, f_opt, x_opt[0], x_opt[-1], *values, sep="\t")
    for function, relative in apart.items():
        if relative > 1e-15:
            print(f"function {function}: the packages are a relative {relative:.1e} apart", file=sys.stderr)


main()
