"""Carries bytes between a run's driver, on standard input and output, and one long-lived actor on each node of a Ray
cluster, which owns one `genetic-pool node`. It decides nothing about what it carries.

Each node has one call out that waits for what is found; what the driver sends meanwhile goes by a second one. An actor
reserves the slots it uses; Ray restarts and retries nothing, since the driver knows what a node held.
"""

import collections
import fcntl
import json
import os
import select
import signal
import struct
import subprocess
import sys
import threading
import time

HEADER = struct.Struct("<2sBBI")
VERSION = 2
HELLO, CARRY, JOINED, LOST, TROUBLE = 1, 11, 12, 13, 14
# Larger arguments and results take the long way through Ray's object store.
PART = 96 << 10
# Parts that go by one call.
PARTS = 32
# Seconds a call waits for something found, and after which a node that does not answer counts as lost.
WAIT, SILENCE = 1.0, 20.0
# Seconds what follows from something found has to arrive, before a call goes without it.
ECHO = 0.002
# How often a node's program may be started.
STARTS = 4
# Seconds after which a program that works is none that fails to start.
WORKS = 600.0


class Node:
    """On a node: owns the program that evaluates."""

    def __init__(self, command):
        environment = dict(os.environ)
        # A node's /tmp may be small and refuse to execute; where Ray keeps its own files it is neither.
        arguments = dict(a.split("=", 1) for a in sys.argv if a.startswith("--") and "=" in a)
        session = os.path.join(arguments.get("--temp-dir", ""), arguments.get("--session-name", ""))
        if os.path.isabs(session) and os.access(session, os.W_OK):
            environment["TMPDIR"] = os.path.join(session, "genetic-pool")
            os.makedirs(environment["TMPDIR"], exist_ok=True)
        pipe = subprocess.PIPE
        command = [os.path.abspath(command[0])] + command[1:]
        self.fault = None
        try:
            self.child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=environment)
        except OSError as error:
            self.fault = "its program cannot be started: %s" % error
            return
        self.out = self.child.stdout.fileno()
        os.set_blocking(self.out, False)
        try:
            fcntl.fcntl(self.out, 1031, 1 << 20)  # F_SETPIPE_SZ: a large answer takes few turns
        except OSError:
            pass
        self.poll = select.poll()
        self.poll.register(self.out, select.POLLIN | select.POLLHUP)
        self.writing, self.turn, self.unwritten = threading.Condition(), 0, collections.deque()
        threading.Thread(target=self.write, daemon=True).start()
        self.replied = 0.0
        self.said = collections.deque(maxlen=20)
        lines = iter(lambda: self.child.stderr.readline(4096), b"")
        self.listener = threading.Thread(target=lambda: self.said.extend(lines), daemon=True)
        self.listener.start()

    def ready(self):
        if self.fault:
            raise RuntimeError(self.fault)

    def put(self, turn, *parts):
        """Has `parts` written, when it is their turn: calls may overtake each other."""
        with self.writing:
            self.writing.wait_for(lambda: self.turn == turn)
            self.unwritten.extend(parts)
            self.turn += 1
            self.writing.notify_all()

    def write(self):
        """Writes what was put, beside the calls: a program whose output nobody reads may not read either."""
        try:
            while True:
                with self.writing:
                    self.writing.wait_for(lambda: self.unwritten)
                    part = self.unwritten.popleft()
                while part:
                    part = part[os.write(self.child.stdin.fileno(), part) :]
        except (OSError, ValueError):
            pass  # It has ended, which who reads from it finds out, or is stopped.

    def exchange(self, gather, turn, *parts):
        """Puts `parts`, waits for something found, lets `gather` seconds pass since the last and returns it all."""
        if parts:
            self.put(turn, *parts)
        if not self.poll.poll(1000 * WAIT):
            return b""
        time.sleep(max(0.0, self.replied + gather - time.monotonic()))
        data = b""
        while len(data) < PART:
            try:
                part = os.read(self.out, PART - len(data))
            except BlockingIOError:
                break
            if not part and not data:
                raise RuntimeError(self.end())
            if not part:
                break
            data += part
        self.replied = time.monotonic()
        return data

    def end(self):
        """How the program ended, in words."""
        try:
            code = self.child.wait(5)
        except subprocess.TimeoutExpired:
            return "its program closed its output"
        self.listener.join(1)
        how = "was ended by signal %d" % -code if code < 0 else "ended with exit code %d" % code
        return "\n".join(["its program " + how] + [line.decode("utf-8", "replace").rstrip() for line in self.said])

    def stop(self):
        """Has the program end all it has started, and itself."""
        self.child.stdin.close()
        try:
            self.child.wait(3)
        except subprocess.TimeoutExpired:
            self.child.kill()


class Link:
    """The bridge's end of one node."""

    def __init__(self, bridge, index, node, name, slots):
        self.bridge, self.index, self.node, self.name, self.slots = bridge, index, node, name, slots
        self.changed = threading.Condition()
        self.parts, self.gather, self.turn = collections.deque(), 0.0, 0
        self.waits, self.over, self.joined, self.since = False, False, False, time.monotonic()
        placed = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
        self.actor = ray.remote(Node).options(
            num_cpus=slots * bridge.cpus, scheduling_strategy=placed, max_restarts=0, max_task_retries=0, max_concurrency=3
        ).remote(bridge.command)

    def begin(self):
        threading.Thread(target=self.guarded, args=(self.receive,), daemon=True).start()
        threading.Thread(target=self.guarded, args=(self.send,), daemon=True).start()

    def guarded(self, work):
        try:
            work()
        except Exception as error:
            self.lose(words(error))

    def receive(self):
        first = self.actor.ready.remote()
        while not ray.wait([first], timeout=5)[0] and not self.over:
            self.bridge.tell(TROUBLE, text="`%s`: %s" % (self.name, missing(self.node, self.slots * self.bridge.cpus)))
        if self.over:
            return
        ray.get(first)
        self.joined = True
        starting = sum(not link.joined for link in list(self.bridge.links.values()))
        self.bridge.tell(JOINED, node=self.index, name=self.name, slots=self.slots, starting=starting)
        data = b""
        while True:
            with self.changed:
                if data and not self.parts:
                    self.changed.wait_for(lambda: self.parts or self.over, ECHO)
                if self.over:
                    return
                turn, parts, self.waits = *self.take(), True
                self.changed.notify_all()
            data = ray.get(self.actor.exchange.remote(self.gather, turn, *parts), timeout=SILENCE)
            with self.changed:
                self.waits = False
            if data and not self.over:
                self.bridge.write(CARRY, struct.pack("<II", self.index, 0), data)

    def send(self):
        while True:
            with self.changed:
                self.changed.wait_for(lambda: self.parts and self.waits or self.over)
                if self.over:
                    return
                turn, parts = self.take()
            ray.get(self.actor.put.remote(turn, *parts), timeout=SILENCE)

    def take(self):
        turn, parts = self.turn, [self.parts.popleft() for _ in range(min(PARTS, len(self.parts)))]
        self.turn += bool(parts)
        return turn, parts

    def add(self, gather, data):
        with self.changed:
            self.gather = gather
            self.parts.extend(data[start : start + PART] for start in range(0, len(data), PART))
            self.changed.notify_all()

    def lose(self, why):
        with self.changed:
            first, self.over = not self.over, True
            self.changed.notify_all()
        if first:
            self.bridge.tell(LOST, node=self.index, name=self.name, why=why)
            self.bridge.lost(self)
            ray.kill(self.actor)


class Bridge:
    def __init__(self):
        self.input = os.fdopen(os.dup(0), "rb", 1 << 20)
        self.output, self.writing = os.dup(1), threading.Lock()
        os.dup2(2, 1)  # What Ray prints is no frame.
        hello = json.loads(self.read()[1])
        self.command, self.slots, self.cpus = hello["command"], hello["slots"], hello["cpus"]
        self.links, self.used, self.starts, self.count = {}, {}, collections.Counter(), 0
        self.again = {}
        self.end = threading.Event()

    def read(self):
        header = self.input.read(HEADER.size)
        if len(header) < HEADER.size:
            return None, b""
        magic, version, kind, length = HEADER.unpack(header)
        if (magic, version) != (b"GP", VERSION):
            sys.exit("the driver speaks another protocol: %r" % header)
        return kind, self.input.read(length)

    def write(self, kind, *parts):
        data = b"".join((HEADER.pack(b"GP", VERSION, kind, sum(map(len, parts))),) + parts)
        with self.writing:
            while data:
                data = data[os.write(self.output, data) :]

    def tell(self, kind, **what):
        self.write(kind, json.dumps(what).encode())

    def listen(self):
        try:
            while True:
                kind, body = self.read()
                if kind is None:
                    break
                index, gather = struct.unpack_from("<II", body)
                link = self.links.get(index)
                if link:
                    link.add(gather / 1e6, body[8:])
        finally:
            self.end.set()

    def watch(self):
        """Has an actor on each node that has CPUs, as they come and go."""
        nodes = {node["NodeID"]: node for node in ray.nodes() if node["Resources"].get("CPU") or not node["Alive"]}
        for link in list(self.links.values()):
            node = nodes.get(link.node["NodeID"])
            if node and not node["Alive"]:
                link.lose("Ray has lost the node: %s" % (node.get("DeathReasonMessage") or "it is dead"))
        new = [n for key, n in nodes.items() if n["Alive"] and key not in self.used and time.monotonic() >= self.again.get(key, 0)]
        new_links = []
        for place, node in enumerate(new):
            key, cpus = node["NodeID"], int(node["Resources"]["CPU"])
            name = next((r.split(":", 1)[1] for r in node["Resources"] if r.startswith("genetic_pool_node:")), None)
            name = name or node["NodeManagerHostname"]
            slots = cpus // self.cpus
            if not slots:
                self.tell(TROUBLE, text="`%s` offers %d CPUs, an evaluation takes %d" % (name, cpus, self.cpus))
                self.again[key] = time.monotonic() + 60
            if self.slots:
                left = max(0, self.slots - sum(list(self.used.values())))
                slots = min(slots, -(-left // (len(new) - place)))
            if slots:
                self.used[key], self.count = slots, self.count + 1
                self.links[self.count] = link = Link(self, self.count, node, name, slots)
                new_links.append(link)
        for link in new_links:
            link.begin()

    def lost(self, link):
        key = link.node["NodeID"]
        self.links.pop(link.index, None)
        if time.monotonic() - link.since > WORKS:
            del self.starts[key]
        self.starts[key] += 1
        self.again[key] = time.monotonic() + (2 if self.starts[key] < STARTS else float("inf"))
        self.used.pop(key, None)
        if self.starts[key] == STARTS:
            self.tell(TROUBLE, text="`%s` was lost %d times and is left alone" % (link.name, STARTS))

    def run(self):
        threading.Thread(target=self.listen, daemon=True).start()
        try:
            while not self.end.is_set():
                self.watch()
                self.end.wait(1.0 if self.links else 0.2)
        finally:
            links = list(self.links.values())
            for link in links:
                link.over = True
            ray.wait([link.actor.stop.remote() for link in links], num_returns=len(links), timeout=2.5) if links else None
            for link in links:
                ray.kill(link.actor)
            ray.shutdown()


def words(error):
    """What became of a call, in words."""
    if isinstance(error, ray.exceptions.RayTaskError):
        return str(error.cause)
    if isinstance(error, ray.exceptions.GetTimeoutError):
        return "it has not answered for %d s" % SILENCE
    return "%s: %s" % (type(error).__name__, (str(error).strip().splitlines() or [""])[0])


def missing(node, cpus):
    """What a node's actor waits for: most often others that hold its CPUs."""
    try:
        from ray.util.state import list_actors, list_jobs

        here = [("state", "=", "ALIVE"), ("node_id", "=", node["NodeID"])]
        jobs = {actor.job_id for actor in list_actors(filters=here, timeout=5)}
        jobs.discard(ray.get_runtime_context().get_job_id())
        names = {job.job_id: job.submission_id for job in list_jobs(timeout=5)}
        held = ", ".join(sorted("`%s`" % (names.get(job) or job) for job in jobs))
    except Exception:
        held = ""
    return "its %d CPUs are held by the job %s" % (cpus, held) if held else "its actor has not started yet"


if __name__ == "__main__":
    # Ray tells every process of a job to end; the driver, which is told, too, closes the pipe when it needs no node.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    bridge = Bridge()
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    ray.init(address=os.environ.get("RAY_ADDRESS", "auto"), log_to_driver=False, logging_level="error")
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # Ray has set a handler.
    bridge.run()
