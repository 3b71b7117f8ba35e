"""A cluster of a soak's own, made and removed by the program that is looked at. DOCKER_HOST names its engine."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

# For what starts containers on a busy machine.
LONG = 600
LABEL = "genetic-pool.cluster"


class Failed(Exception):
    """A command did not do what was expected of it."""


def docker(*arguments):
    """What docker prints."""
    ended = subprocess.run(["docker", *arguments], capture_output=True, text=True)
    if ended.returncode != 0:
        raise Failed(f"docker {' '.join(arguments)}: {ended.stderr.strip()}")
    return ended.stdout


class Cluster:
    """A cluster that is down when `with` is left, with a data folder, temporary files and locks of its own."""

    def __init__(self, program, image, options=()):
        self.program, self.image, self.options = os.path.abspath(program), image, options
        self.name = f"soak-{os.getpid()}"
        self.own = tempfile.TemporaryDirectory(prefix="genetic-pool-soak-")
        self.folder = Path(self.own.name)
        self.home, self.temporary, self.runtime = (self.folder / name for name in ("home", "tmp", "runtime"))
        for folder in (self.home, self.temporary, self.runtime):
            folder.mkdir(mode=0o700)
        self.environment = {**os.environ, "GENETIC_POOL_HOME": str(self.home), "TMPDIR": str(self.temporary),
                            "XDG_RUNTIME_DIR": str(self.runtime)}

    def __enter__(self):
        # To be killed politely is no reason to leave anything.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        return self

    def __exit__(self, *_):
        try:
            self.cluster("down", "--force")
        finally:
            self.own.cleanup()

    def start(self, *arguments):
        """The program, begun in the cluster's folder."""
        return subprocess.Popen([self.program, *arguments], cwd=self.folder, env=self.environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *arguments, code=0):
        """What the program prints; it must end with `code`."""
        process = self.start(*arguments)
        try:
            output, errors = process.communicate(timeout=LONG)
        except subprocess.TimeoutExpired:
            process.kill()
            _, errors = process.communicate()
            raise Failed(f"{' '.join(arguments)}: not done after {LONG} s: {errors[-2000:]}") from None
        if process.returncode != code:
            raise Failed(f"{' '.join(arguments)}: exit {process.returncode} instead of {code}: {errors[-2000:]}")
        return output

    def cluster(self, verb, *arguments):
        return self.run("cluster", verb, *arguments, "--cluster", self.name)

    def up(self, workers):
        """Makes it, or heals it."""
        return json.loads(self.cluster("up", "--json", "--workers", str(workers), "--port", "any", "--image", self.image,
                                       *self.options))

    def scale(self, workers):
        return json.loads(self.cluster("scale", str(workers), "--json"))

    def things(self, kind):
        """Ids of what the engine has of the cluster, by label and by name: `kind` is `ps -a`, `network ls`, `volume ls`."""
        found = set()
        for rule in (f"label={LABEL}={self.name}", f"name={self.name}-"):
            found.update(docker(*kind.split(), "--quiet", "--filter", rule).split())
        return found

    def container(self, node):
        return f"{self.name}-{node}"

    def kill(self, node):
        docker("kill", self.container(node))

    def kill_driver(self):
        """Kills the process that drives a run in the head, which may be started by a loader of its own."""
        script = """
import glob, os, signal
for path in glob.glob('/proc/[0-9]*/cmdline'):
    try:
        words = open(path, 'rb').read().split(b'\\0')
    except OSError:
        continue
    if b'drive' in words:
        print(path.split('/')[2])
        os.kill(int(path.split('/')[2]), signal.SIGKILL)
"""
        killed = docker("exec", self.container("head"), "python3", "-c", script).split()
        if len(killed) != 1:
            raise Failed(f"the head had {len(killed)} drivers to kill")

    def processes(self):
        """The processes of its nodes, by their ids on the engine's machine."""
        found = {}
        for container in docker("ps", "--quiet", "--filter", f"label={LABEL}={self.name}").split():
            for row in docker("top", container, "-eo", "pid,args").splitlines()[1:]:
                pid, command = re.match(r"\s*(\d+)\s+(.*)", row).groups()
                found[int(pid)] = command
        return found
