"""What `genetic-pool run experiment.toml` calls for each candidate: the price of a can.

Put your own evaluation here. The module is imported once by each worker process; what it prints is kept with its
candidate, and an exception is that candidate's failure.
"""

import math


def evaluate(parameters, context):
    """Returns what experiment.toml names: goals, constraints and measures.

    `parameters` holds the candidate by name; `coating` counts only for steel and is absent otherwise.
    `context` has `options`, `seed` (for all chance), `candidate`, `scratch` (a folder of its own) and `deadline`.
    """
    radius, height = parameters["radius"], parameters["height"]
    area = 2.0 * math.pi * radius * (radius + height)

    if parameters["material"] == "steel":
        coating = parameters["coating"]
        mass = 0.157 * area
        cost = 0.9 * mass + context.options["coating_price"] * coating * area
        cost += 2.0 / coating  # a thin coating rusts
    else:
        mass = 0.068 * area
        cost = 3.0 * mass

    return {
        "cost": cost,
        "volume": math.pi * radius * radius * height,
        "mass": mass,
    }
