"""One long-lived actor a node with a pool of threads that sleep, and a driver that exchanges candidates for outcomes:
what Ray itself can do here. Prints the share of slots busy.

python bare_ray.py SLOTS WINDOW EVALUATIONS SIGMA
"""

import collections
import math
import os
import queue
import random
import sys
import threading
import time

import ray
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

SLOTS, WINDOW, EVALUATIONS, SIGMA = int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4])
GATHER = 0.005


class Node:
    def __init__(self, slots):
        self.todo, self.done, self.replied = queue.SimpleQueue(), queue.SimpleQueue(), 0.0
        self.reading = threading.Lock()
        for _ in range(slots):
            threading.Thread(target=self.work, daemon=True).start()

    def ready(self):
        pass

    def work(self):
        while True:
            index, seconds, _ = self.todo.get()
            time.sleep(seconds)
            self.done.put((index, bytes(32)))

    def exchange(self, candidates, gather):
        for candidate in candidates:
            self.todo.put(candidate)
        with self.reading:
            try:
                found = [self.done.get(timeout=1.0)]
            except queue.Empty:
                return []
            time.sleep(max(0.0, self.replied + gather - time.monotonic()))
            while True:
                try:
                    found.append(self.done.get_nowait())
                except queue.Empty:
                    break
            self.replied = time.monotonic()
            return found


def main():
    ray.init(address=os.environ["RAY_ADDRESS"], log_to_driver=False, logging_level="error")
    nodes = [node for node in ray.nodes() if node["Alive"] and node["Resources"].get("CPU")]
    actors = [
        ray.remote(Node)
        .options(
            num_cpus=SLOTS,
            max_concurrency=3,
            scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False),
        )
        .remote(SLOTS)
        for node in nodes
    ]
    ray.get([actor.ready.remote() for actor in actors])
    chance = random.Random(1)
    seconds = [0.01 * math.exp(SIGMA * chance.gauss(0, 1)) for _ in range(EVALUATIONS)]
    payload = bytes(240)
    waiting = collections.deque((index, seconds[index], payload) for index in range(EVALUATIONS))
    out, calls, found = [0] * len(actors), {}, 0
    start = time.monotonic()
    while found < EVALUATIONS:
        free = WINDOW - sum(out)
        new = [[] for _ in actors]
        for _ in range(min(free, len(waiting))):
            least = min(range(len(actors)), key=out.__getitem__)
            new[least].append(waiting.popleft())
            out[least] += 1
        for place, actor in enumerate(actors):
            if new[place] or place not in calls.values():
                calls[actor.exchange.remote(new[place], GATHER if waiting else 0.0)] = place
        done, _ = ray.wait(list(calls), num_returns=1)
        done, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
        for call in done:
            place, results = calls.pop(call), ray.get(call)
            out[place] -= len(results)
            found += len(results)
    elapsed = time.monotonic() - start
    print(sum(seconds) / (len(actors) * SLOTS * elapsed))


main()
