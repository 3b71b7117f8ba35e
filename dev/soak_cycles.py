"""Makes, scales and removes a cluster again and again, and looks each time that nothing of it is left.

Usage: soak_cycles.py GENETIC_POOL IMAGE [CYCLES]
"""

import glob
import json
import statistics
import sys
import time
from pathlib import Path

from soak_cluster import Cluster, Failed, docker

# What carries the cluster's label or name.
KINDS = {"containers": "ps -a", "networks": "network ls", "volumes": "volume ls"}
# Where the engine's machine is this one, what the kernel has of a container or a network.
GROUPS = ("/sys/fs/cgroup/*/docker/{}*", "/sys/fs/cgroup/docker/{}*", "/sys/fs/cgroup/system.slice/docker-{}*")


class Traces:
    """What a cluster that is up consists of, to look for when it is down."""

    def __init__(self, cluster):
        self.cluster = cluster
        self.ids = cluster.things("ps -a")
        containers = json.loads(docker("inspect", *self.ids))
        # Those without a name of ours, too.
        self.volumes = {mount["Name"] for container in containers for mount in container["Mounts"] if "Name" in mount}
        self.ports = {binding["HostPort"] for container in containers
                      for bindings in (container["NetworkSettings"]["Ports"] or {}).values() for binding in bindings or ()}
        self.networks = cluster.things("network ls")
        self.processes = {pid: began(pid) for pid in cluster.processes() if began(pid)}

    def left(self):
        """What is still there, in words."""
        found = [f"{kind}: {thing}" for kind, command in KINDS.items() for thing in self.cluster.things(command)]
        volumes = self.volumes & set(docker("volume", "ls", "--quiet").split())
        found += [f"volume: {name}" for name in volumes]
        found += [f"interface: br-{network}" for network in self.networks if Path(f"/sys/class/net/br-{network}").exists()]
        found += [f"control group: {path}" for name in self.ids for rule in GROUPS for path in glob.glob(rule.format(name))]
        found += [f"process {pid} of a node" for pid, start in self.processes.items() if began(pid) == start]
        found += [f"process {pid}: {words}" for pid, words in command_lines() if self.ours(pid, words)]
        kept = (self.cluster.home, self.cluster.temporary, self.cluster.runtime)
        return found + [f"file: {path}" for folder in kept for path in folder.rglob("*") if not path.is_dir()]

    def ours(self, pid, words):
        """Whether a process was begun by the program, or by the engine for a container or its port."""
        if str(self.cluster.home) in read(f"/proc/{pid}/environ") or any(self.cluster.name in word for word in words):
            return True
        ids = any(name in word for name in self.ids for word in words)
        port = any(words[i:i + 2] == ["-host-port", port] for port in self.ports for i in range(len(words)))
        return ids or port


def began(pid):
    """When process `pid` of this machine began; nothing where there is none."""
    return "".join(read(f"/proc/{pid}/stat").rpartition(")")[2].split()[19:20])


def command_lines():
    """The processes of this machine and their words."""
    for path in glob.glob("/proc/[0-9]*"):
        yield Path(path).name, read(f"{path}/cmdline").split("\0")


def read(path):
    """What a file of the kernel says; nothing where its process has gone or is another user's."""
    try:
        return Path(path).read_text(errors="replace")
    except OSError:
        return ""


def cycle(cluster):
    """One cycle; the seconds of its three parts, and what was looked for."""
    seconds = []

    def timed(action, *arguments):
        start = time.monotonic()
        action(*arguments)
        seconds.append(time.monotonic() - start)

    timed(cluster.up, 1)
    timed(cluster.scale, 2)
    traces = Traces(cluster)
    timed(cluster.cluster, "down")
    # The engine's own helpers of a container may end a moment after it.
    end = time.monotonic() + 2
    while (left := traces.left()) and time.monotonic() < end:
        time.sleep(0.1)
    if left:
        raise Failed("left behind:\n  " + "\n  ".join(left))
    # Looked for and not there is worth what was there.
    if not (len(traces.ids) >= 4 and len(traces.networks) == 2 and len(traces.volumes) >= 5 and traces.ports):
        raise Failed(f"not all was seen: {vars(traces)}")
    return seconds, traces


def main():
    program, image, cycles = sys.argv[1], sys.argv[2], int((sys.argv[3:] or ["20"])[0])
    parts = {"up": [], "scale": [], "down": []}
    with Cluster(program, image) as cluster:
        print(f"{'cycle':>5}  {'up, 1 worker':>12}  {'scale to 2':>10}  {'down':>6}  left", flush=True)
        for number in range(1, cycles + 1):
            seconds, traces = cycle(cluster)
            for figures, value in zip(parts.values(), seconds):
                figures.append(value)
            up, scale, down = seconds
            print(f"{number:>5}  {up:>10.1f} s  {scale:>8.1f} s  {down:>4.1f} s  nothing of {len(traces.ids)} containers, "
                  f"{len(traces.networks)} networks, {len(traces.volumes)} volumes, {len(traces.processes)} processes",
                  flush=True)
    told = (f"{name} {statistics.median(values):.1f} s (at most {max(values):.1f} s)" for name, values in parts.items())
    print(f"{cycles} cycles left no container, network, volume, file or process; medians: {', '.join(told)}")


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"soak: {failed}")
