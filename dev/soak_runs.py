"""Kills runs with SIGKILL at random moments, resumes them, and checks two promises: the digest is that of the
undisturbed run, and no journalled evaluation is paid for twice.

Usage: soak_runs.py GENETIC_POOL KILLS

The fitness counts its own evaluations: it appends its candidate's id to a file when it is done. After each kill the
journal is read; a candidate that stands in it must never be appended again.
"""

import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

FITNESS = """\
import os
import time


def simulate(parameters, context):
    time.sleep(0.004 + 0.003 * (context.seed % 3))
    log = os.open("paid.log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(log, f"{context.candidate}\\n".encode())
    os.close(log)
    return sum((x - 0.3) * (x - 0.3) for x in parameters["x"])
"""

EXPERIMENT = """\
format = 1
seed = 11
parallel = 8
goals = {{ distance = "minimize" }}

[problem]
python = "fitness:simulate"
files = ["fitness.py"]

[space]
x = {{ real = [-1.0, 1.0], len = 5 }}

[algorithm]
name = "genetic"
population = 20
schedule = {schedule}

[stop]
evaluations = 400
"""


class Soak:
    def __init__(self, program, folder, schedule):
        self.program, self.folder = program, folder
        (folder / "fitness.py").write_text(FITNESS)
        (folder / "experiment.toml").write_text(EXPERIMENT.format(schedule=schedule))

    def start(self, home, *arguments):
        environment = {**os.environ, "GENETIC_POOL_HOME": str(self.folder / home)}
        return subprocess.Popen([self.program, *arguments], cwd=self.folder, env=environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def finish(self, process, timeout=None):
        """The finished event, or None where the time was over and the process has been killed."""
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return None
        assert process.returncode == 0, f"exit {process.returncode}: {errors}"
        return json.loads(output.splitlines()[-1])

    def ask(self, home, *arguments):
        """What a command prints; None where it fails, as there is no run yet."""
        process = self.start(home, "runs", *arguments)
        output, _ = process.communicate()
        return output if process.returncode == 0 else None

    def show(self, home):
        text = self.ask(home, "show", "latest", "--json")
        return json.loads(text) if text else None

    def journal(self, home):
        text = self.ask(home, "export", "latest", "--what", "journal", "--format", "csv")
        return {row["candidate"] for row in csv.DictReader(io.StringIO(text))}

    def paid(self):
        log = self.folder / "paid.log"
        return log.read_text().split() if log.exists() else []

    def run_with_kills(self, home, chance, seconds):
        """One run, killed again and again; the finished event, how many kills, how many evaluations done twice."""
        (self.folder / "paid.log").unlink(missing_ok=True)
        command, kills, journalled = ["run", "experiment.toml", "--json"], 0, set()
        while True:
            before = len(self.paid())
            finished = self.finish(self.start(home, *command), chance.uniform(0.02, 1.2) * seconds)
            again = set(self.paid()[before:]) & journalled
            assert not again, f"journalled evaluations paid for twice: {sorted(again)}"
            kills += not finished
            run = self.show(home)
            if run and run["state"] == "finished":
                # Perhaps killed between its end and the end of its process.
                paid = self.paid()
                return run, kills, len(paid) - len(set(paid))
            if run:
                recorded = self.journal(home)
                assert journalled <= recorded, "the journal lost what it had"
                journalled, command = recorded, ["resume", "latest", "--json"]


def main():
    program, wanted = os.path.abspath(sys.argv[1]), int(sys.argv[2])
    chance = random.Random(time.time_ns())
    for schedule in ('"generations"', "{ window = 24 }"):
        with tempfile.TemporaryDirectory() as folder:
            soak = Soak(program, Path(folder), schedule)
            began = time.monotonic()
            soak.finish(soak.start("undisturbed", "run", "experiment.toml", "--json"))
            whole = soak.show("undisturbed")
            seconds = time.monotonic() - began
            kills, twice, runs = 0, 0, 0
            while kills < wanted:
                finished, more, repeated = soak.run_with_kills(f"home-{runs}", chance, seconds)
                for key in ("digest", "evaluations", "best"):
                    assert finished[key] == whole[key], f"{key}: {finished[key]} instead of {whole[key]}"
                kills, twice, runs = kills + more, twice + repeated, runs + 1
            print(f"schedule {schedule}: {kills} kills in {runs} runs; every digest is {whole['digest']}; journalled "
                  f"evaluations paid for twice: 0; finished but not yet journalled at a kill: {twice}", flush=True)


if __name__ == "__main__":
    main()
