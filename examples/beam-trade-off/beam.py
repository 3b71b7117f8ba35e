"""A beam that is welded to a wall and carries 6000 lb at its end, 14 in away.

K. Deb, A. Pratap, T. Meyarivan: Constrained test problems for multi-objective evolutionary optimization. EMO 2001,
doi:10.1007/3-540-44719-9_20.
"""

from math import sqrt


def design(parameters):
    h, l, t, b = (parameters[name] for name in "hltb")
    primary = 6000 / (sqrt(2) * h * l)
    arm = sqrt(0.25 * (l * l + (h + t) ** 2))
    secondary = 6000 * (14 + 0.5 * l) * arm / (2 * (0.707 * h * l * (l * l / 12 + 0.25 * (h + t) ** 2)))
    shear = sqrt(primary**2 + secondary**2 + l * primary * secondary / arm)
    return {
        "cost": 1.10471 * h * h * l + 0.04811 * t * b * (14 + l),
        "deflection": 2.1952 / (t**3 * b),
        "shear_stress": shear / 13600,
        "bending_stress": 504000 / (t * t * b) / 30000,
        "buckling": 6000 / (64764.022 * (1 - 0.0282346 * t) * t * b**3),
        "weld": h / b,
    }
