"""Carries out the same runs here and on a cluster whose parts are killed meanwhile, and compares their digests.

Usage: soak_chaos.py GENETIC_POOL IMAGE [ROUNDS]

A number with each digest says at which share of its evaluations something was killed. One of the evaluations counts
itself: it appends its candidate's id to a file of its node when it is done. After the driver or the head was killed the
run's journal is read; a candidate that stands in it must never be appended again.
"""

import csv
import io
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

from soak_cluster import LONG, Cluster, Failed, docker

ROOT = Path(__file__).resolve().parent.parent
# Small workers, so that four stand on any machine; slots beyond their CPUs, so that evaluations are under way.
OPTIONS = ("--cpus", "1", "--memory", "1280MiB", "--slots-per-worker", "4")
# Where on a node an evaluation may leave something that outlives its container.
PAID = "/ray/paid.log"
# Makes an evaluation take its time and count itself, without another outcome.
SLOW = f"""

quick = evaluate


def evaluate(parameters, context):
    import os
    import time

    time.sleep(0.03 + 0.01 * (context.seed % 3))
    outcome = quick(parameters, context)
    if os.path.isdir("/ray"):
        log = os.open("{PAID}", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(log, f"{{context.candidate}}\\n".encode())
        os.close(log)
    return outcome
"""


class Problem:
    """An experiment, and how much of it."""

    def __init__(self, name, file, evaluations, kills=True, counts=False):
        self.name, self.kills, self.counts = name, kills, counts
        self.arguments = (str(file), "--set", f"stop.evaluations={evaluations}", "--json")


def problems(cluster):
    for kind, name in (("python", "quick"), ("python", "slow"), ("command", "script")):
        cluster.run("new", kind, name)
    with (cluster.folder / "slow/slow.py").open("a") as module:
        module.write(SLOW)
    return [
        Problem("berlin52", ROOT / "examples/berlin52.toml", 150_000),
        Problem("rastrigin-30", ROOT / "examples/rastrigin-30.toml", 300_000),
        # Over too soon to be killed; the slow one is the same function.
        Problem("python", "quick/experiment.toml", 1_000, kills=False),
        Problem("python, slow", "slow/experiment.toml", 1_000, counts=True),
        Problem("command", "script/experiment.toml", 600),
    ]


class Going:
    """A run that is under way."""

    def __init__(self, cluster, arguments):
        self.process = cluster.start(*arguments)
        self.events, self.errors = [], ""
        self.readers = [threading.Thread(target=read) for read in (self.read, self.read_errors)]
        for reader in self.readers:
            reader.start()

    def read(self):
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def read_errors(self):
        self.errors = self.process.stderr.read()

    def share(self):
        """How much of its evaluations it is known to have done."""
        budget = next((event["budget"] for event in self.events), None)
        return max((event.get("evaluations", 0) for event in list(self.events)), default=0) / budget if budget else 0.0

    def wait_for(self, share):
        """Returns when it has done so much, and what it has done then."""
        end = time.monotonic() + LONG
        while (done := self.share()) < share:
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"was to be killed at {share:.0%} and was over at {done:.0%}: {self.errors[-2000:]}")
            time.sleep(0.01)
        return done

    def end(self, code=0):
        """Its `finished` event, if it ends with `code` and has one."""
        try:
            ended = self.process.wait(LONG)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise Failed(f"a run was not done after {LONG} s") from None
        for reader in self.readers:
            reader.join()
        if ended != code:
            raise Failed(f"exit {ended} instead of {code}: {self.errors[-2000:]}")
        return next((event for event in self.events if event["event"] == "finished"), None)


class Chaos:
    def __init__(self, cluster):
        self.cluster = cluster
        self.chance = random.Random(time.time_ns())
        self.on = ("--on", cluster.name, "--place", "nodes")
        # Per problem: its digests, and what was seen when something was killed.
        self.digests, self.paid = {}, []
        self.failures = 0

    def row(self, name, problems, carry_out):
        """A line of the table: what `carry_out` made of each problem."""
        cells = []
        for problem in problems:
            start = time.monotonic()
            try:
                finished, killed = carry_out(problem)
                self.digests.setdefault(problem.name, []).append((finished["digest"], finished["evaluations"]))
                cell = f"{finished['digest'][:8]} {killed:>4} {time.monotonic() - start:>3.0f} s"
            except Failed as failed:
                self.failures += 1
                print(f"\n{name}, {problem.name}: {failed}\n", file=sys.stderr, flush=True)
                cell = "FAILED"
            cells.append(f"{cell:<21}")
        print(f"{name:<26}" + "".join(cells).rstrip(), flush=True)

    def whole(self, *more):
        """An undisturbed run."""
        return lambda problem: (Going(self.cluster, ("run", *problem.arguments, *more)).end(), "")

    def begin(self, problem):
        """A run on the nodes that has done a random share of its evaluations."""
        for node in self.workers():
            docker("exec", self.cluster.container(node), "rm", "-f", PAID)
        going = Going(self.cluster, ("run", *problem.arguments, *self.on))
        return going, going.wait_for(self.chance.uniform(0.05, 0.5))

    def worker_killed(self, problem):
        going, share = self.begin(problem)
        self.cluster.kill(self.chance.choice(self.workers()))
        if any(event["event"] == "finished" for event in going.events):
            raise Failed("it was over before the worker was killed")
        finished = going.end()
        failures = [event for event in going.events if event["event"] == "failure"]
        self.cluster.up(len(self.workers()))
        if failures:
            raise Failed(f"a lost worker was counted as failures: {failures[:3]}")
        return finished, f"{share:.0%}"

    def driver_killed(self, problem):
        return self.broken(problem, self.cluster.kill_driver, "its program was killed (signal 9)")

    def head_killed(self, problem):
        return self.broken(problem, lambda: self.cluster.kill("head"), "then `resume ")

    def broken(self, problem, kill, message):
        """A run whose driver is lost is gone on with by another."""
        going, share = self.begin(problem)
        kill()
        going.end(9)
        if message not in going.errors or "resume " not in going.errors:
            raise Failed(f"it does not say what happened: {going.errors[-2000:]}")
        run = going.events[0]["run"]
        journalled = self.journal(run) if problem.counts else set()
        before = self.counted() if problem.counts else Counter()
        self.cluster.up(len(self.workers()))
        finished = Going(self.cluster, ("resume", run, "--json", "--place", "nodes")).end()
        if problem.counts:
            self.count(problem, journalled, before)
        return finished, f"{share:.0%}"

    def count(self, problem, journalled, before):
        """Fails where what was journalled was paid for again."""
        counted = self.counted()
        if before - counted:
            raise Failed(f"the nodes lost what {len(before - counted)} evaluations had left there")
        after = counted - before
        twice = journalled & set(after)
        if twice or not journalled or not after:
            raise Failed(f"{len(twice)} of {len(journalled)} journalled evaluations were paid for twice: {sorted(twice)[:9]}")
        repeated = sum(counted.values()) - len(counted)
        self.paid.append(f"{problem.name}: {len(journalled)} evaluations journalled at the kill, 0 of them paid for again; "
                         f"{sum(before.values())} paid before, {sum(after.values())} after, {repeated} of them twice: "
                         "done at the kill, not journalled yet")

    def journal(self, run):
        """The candidates whose outcomes the run's file on the cluster holds, read out of the cluster's volume."""
        home = self.cluster.folder / f"copy-{run}-{time.monotonic_ns()}"
        home.mkdir()
        docker("cp", f"{self.cluster.container('control')}:/var/lib/genetic-pool/runs", str(home))
        process = subprocess.run([self.cluster.program, "runs", "export", run, "--what", "journal", "--format", "csv"],
                                 env={**self.cluster.environment, "GENETIC_POOL_HOME": str(home)}, capture_output=True, text=True)
        if process.returncode != 0:
            raise Failed(f"cannot read the run's file: {process.stderr}")
        return {row["candidate"] for row in csv.DictReader(io.StringIO(process.stdout))}

    def counted(self):
        """How often each candidate was evaluated, by what evaluations left on the nodes."""
        counts = Counter()
        for node in self.workers():
            text = docker("exec", self.cluster.container(node), "sh", "-c", f"cat {PAID} 2> /dev/null || true")
            counts.update(text.split())
        return counts

    def workers(self):
        return [f"worker-{index}" for index in range(self.count_of_workers)]

    def at(self, workers):
        """Brings the cluster to so many workers."""
        self.count_of_workers = workers
        self.cluster.up(workers)


def main():
    program, image, rounds = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["1"])[0])
    with Cluster(program, image, OPTIONS) as cluster:
        chaos, all_of_them = Chaos(cluster), problems(cluster)
        victims = [problem for problem in all_of_them if problem.kills]
        print(" " * 26 + "".join(f"{problem.name:<21}" for problem in all_of_them).rstrip(), flush=True)
        chaos.row("threads", all_of_them, chaos.whole())
        chaos.row("2 worker processes", all_of_them, chaos.whole("--slots", "2", "--processes"))
        for workers in (1, 2, 4):
            chaos.at(workers)
            chaos.row(f"cluster, {workers} worker{'s'[:workers - 1]}", all_of_them, chaos.whole(*chaos.on))
            if workers != 2:
                continue
            for place in ("auto", "driver"):
                chaos.row(f"  --place {place}", all_of_them, chaos.whole("--on", cluster.name, "--place", place))
            for _ in range(rounds):
                chaos.row("  a worker killed", victims, chaos.worker_killed)
                chaos.row("  driver killed, resumed", victims, chaos.driver_killed)
                chaos.row("  head killed, resumed", victims, chaos.head_killed)
        if chaos.failures:
            sys.exit(f"soak: {chaos.failures} of these failed")
        print("\n".join(chaos.paid))
        for name, digests in chaos.digests.items():
            if len(set(digests)) != 1:
                sys.exit(f"soak: {name}: digests and evaluations differ: {digests}")
            (digest, evaluations), = set(digests)
            print(f"{name}: {len(digests)} runs of {evaluations} evaluations, every digest is {digest}")


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"soak: {failed}")
