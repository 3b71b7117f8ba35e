"""Prints golden values of the functions of reals as the package pymoo computes them (its sphere is another one).

    pip install pymoo
    python3 dev/golden/functions.py >crates/genetic-pool-evolve/tests/data/functions.tsv
"""

import importlib.metadata

import numpy
from pymoo.problems import get_problem

BOUNDS = {
    "rastrigin": (-5.12, 5.12),
    "rosenbrock": (-5, 10),
    "ackley": (-32.768, 32.768),
    "griewank": (-600, 600),
    "zakharov": (-5, 10),
    "schwefel": (-500, 500),
}


def share(point, place):
    """A number in [0, 1) that the test computes just so."""
    return ((place + 1) * (point + 2) * 7919 + (place * place + 1) * 403) % 100_003 / 100_003


print(f"# pymoo {importlib.metadata.version('pymoo')}")
print("# name, dimension, then the values of 4 points")
for name, (low, high) in BOUNDS.items():
    for dimension in (2, 5, 30):
        problem = get_problem(name, n_var=dimension)
        x = [[low + (high - low) * share(point, place) for place in range(dimension)] for point in range(4)]
        values = problem.evaluate(numpy.array(x)).ravel()
        print(name, dimension, *(float(value) for value in values), sep="\t")
