"""Prints sets of points with the hypervolume, contributions and IGD+ that moocore finds for them.

    pip install moocore numpy
    python dev/golden/indicators.py > crates/genetic-pool-evolve/tests/data/indicators.txt

Coordinates have few digits, so that the text is exact. Sets hold equals, dominated points, ties in single goals, and
points beyond the reference.
"""

import platform

import moocore
import numpy


def concave(random, n, goals):
    """On a sphere about the origin, as DTLZ2's front is."""
    points = numpy.abs(random.normal(size=(n, goals)))
    return points / numpy.linalg.norm(points, axis=1, keepdims=True)


def convex(random, n, goals):
    return 1.0 - concave(random, n, goals)


def flat(random, n, goals):
    return random.dirichlet(numpy.ones(goals), size=n)


def anywhere(random, n, goals):
    """Most are dominated, some lie beyond the reference."""
    return random.uniform(0.0, 1.25, size=(n, goals))


def coarse(random, n, goals):
    """Few levels: many ties and equals."""
    return random.integers(0, 6, size=(n, goals)) / 4.0


def row(name, values):
    print(name, *(repr(float(value)) for value in values))


def case(random, shape, goals, n):
    points = numpy.round(shape(random, n, goals), 3)
    points = numpy.concatenate([points, points[:2]])
    front = numpy.round(concave(random, 12, goals), 3)
    reference = numpy.full(goals, 1.1)
    print(f"case {shape.__name__} {goals}")
    row("reference", reference)
    for point in points:
        row("point", point)
    for point in front:
        row("front", point)
    row("hypervolume", [moocore.hypervolume(points, ref=reference)])
    row("contributions", moocore.hv_contributions(points, ref=reference, ignore_dominated=False))
    row("igd+", [moocore.igd_plus(points, ref=front)])


def main():
    print(f"# dev/golden/indicators.py: moocore {moocore.__version__}, numpy {numpy.__version__}, ", end="")
    print(f"Python {platform.python_version()}")
    random = numpy.random.default_rng(20)
    for goals in range(2, 7):
        for shape in (concave, convex, flat, anywhere, coarse):
            case(random, shape, goals, 48 if goals < 5 else 30)


if __name__ == "__main__":
    main()
