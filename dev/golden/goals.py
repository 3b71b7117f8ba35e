"""Prints golden values of the ZDT and DTLZ problems as the package pymoo computes them.

    pip install pymoo
    python3 dev/golden/goals.py >crates/genetic-pool-evolve/tests/data/goals.tsv
"""

import importlib.metadata

import numpy
from pymoo.problems import get_problem


def share(point, place):
    """A number in [0, 1) that the test computes just so."""
    return ((place + 1) * (point + 2) * 7919 + (place * place + 1) * 403) % 100_003 / 100_003


def line(family, function, goals, problem):
    lows, highs = problem.bounds()
    x = [
        [float(low) + (float(high) - float(low)) * share(point, place) for place, (low, high) in enumerate(zip(lows, highs))]
        for point in range(3)
    ]
    values = problem.evaluate(numpy.array(x)).ravel()
    print(family, function, goals, len(lows), *(float(value) for value in values), sep="\t")


print(f"# pymoo {importlib.metadata.version('pymoo')}")
print("# family, function, goals, dimension, then the goals of 3 points")
for function in (1, 2, 3, 4, 6):
    line("zdt", function, 2, get_problem(f"zdt{function}"))
for function, distance in zip(range(1, 8), (5, 10, 10, 10, 10, 10, 20)):
    for goals in (2, 3, 5):
        line("dtlz", function, goals, get_problem(f"dtlz{function}", n_var=goals - 1 + distance, n_obj=goals))
