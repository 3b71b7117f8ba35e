"""How busy pymoo keeps the slots of a Ray cluster. See dev/bench-peers-cluster."""

import math
import pathlib
import platform
import random
import sys
import tempfile
import time

import numpy
import pymoo
import ray
from pymoo.algorithms.soo.nonconvex.ga import GA
from pymoo.core.problem import ElementwiseProblem
from pymoo.optimize import minimize
from pymoo.parallelization.ray import RayParallelization
from ray.cluster_utils import Cluster

NODES, SLOTS, POPULATION, SECONDS = 2, 16, 128, 0.01


def seconds(x, sigma):
    """What the evaluation of `x` takes: log-normal around SECONDS."""
    return SECONDS * math.exp(sigma * random.Random(x.tobytes()).gauss(0, 1))


class Sleeper(ElementwiseProblem):
    def __init__(self, sigma, **rest):
        super().__init__(n_var=30, n_obj=1, xl=0.0, xu=1.0, **rest)
        self.sigma = sigma

    def _evaluate(self, x, out, *_, **__):
        time.sleep(seconds(x, self.sigma))
        out["F"] = x.sum()


class Counted:
    """pymoo's own runner, and the work that went through it."""

    def __init__(self, sigma):
        self.runner, self.sigma, self.work = RayParallelization(), sigma, 0.0

    def __call__(self, function, rows):
        self.work += sum(seconds(x, self.sigma) for x in rows)
        return self.runner(function, rows)

    def __getstate__(self):
        return {}


def share(sigma, generations):
    """The share of the slots that was busy, of a whole search."""
    runner = Counted(sigma)
    problem = Sleeper(sigma, elementwise_runner=runner)
    began = time.monotonic()
    minimize(problem, GA(pop_size=POPULATION), ("n_gen", generations), seed=1)
    return runner.work / (NODES * SLOTS * (time.monotonic() - began))


def main():
    generations = int(sys.argv[1])
    print(f"pymoo {pymoo.__version__}, Ray {ray.__version__}, NumPy {numpy.__version__}, Python {platform.python_version()}")
    folder = tempfile.TemporaryDirectory(prefix="peers-", ignore_cleanup_errors=True)
    # Ray notes its address there, wherever its session is.
    pathlib.Path("/tmp/ray").mkdir(exist_ok=True)
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "temp_dir": folder.name})
    try:
        for _ in range(NODES):
            cluster.add_node(num_cpus=SLOTS)
        ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
        # Every slot's process is there before anything is measured.
        for sigma in (0.0, 0.5):
            share(sigma, 5)
        for name, sigma in (("constant", 0.0), ("log-normal, sigma 0.5", 0.5)):
            print(f"{NODES} nodes x {SLOTS} slots, 10 ms {name}, population {POPULATION}: "
                  f"{share(sigma, generations):.3f} of the slots busy", flush=True)
    finally:
        ray.shutdown()
        cluster.shutdown()
        folder.cleanup()


main()
