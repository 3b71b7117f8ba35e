"""What a node of the cluster runs: `head` or `worker` as the container's program, the others inside it.

    head, worker   start Ray and stay with it
    probe          is this node healthy? One line; exit code 0 or 1
    ready          does this node's raylet answer? One line of JSON; exit code 0 or 1
    relay          join standard input and output to Ray's HTTP port (in the head)

What a node is to be comes from its environment:

    GENETIC_POOL_CLUSTER        the cluster's name
    GENETIC_POOL_NODE           the node's name: head, worker-0, ...
    GENETIC_POOL_HEAD           the name or address of the head (worker)
    GENETIC_POOL_SLOTS          how many evaluations it takes at once; else 0 in the head, the CPUs in a worker
    GENETIC_POOL_MEMORY         bytes it offers to Ray; else what Ray finds
    GENETIC_POOL_OBJECT_STORE   bytes of Ray's object store; else 0.8 of /dev/shm
    GENETIC_POOL_ADDRESS        the node's name or address for the others; else what the inner network calls it
    GENETIC_POOL_WAIT           seconds to wait for names and for the head; else 60
    RAY_AUTH_TOKEN_PATH         the file of the token

Exit codes: 2 wrong use, 3 wrong environment, 4 no token, 5 the head cannot be found or reached, 6 the head's Ray is
another one; else Ray's own, which is 1 after a stop as well.
"""

import json
import os
import socket
import sys
import time

GCS_PORT, DASHBOARD_PORT, AGENT_PORT = 6379, 8265, 52365
SESSIONS = "/ray"
SESSIONS_KEPT = 3
USAGE, ENVIRONMENT, TOKEN, HEAD, VERSION = 2, 3, 4, 5, 6


class Refusal(Exception):
    """Why this node cannot be what it is to be, what to do about it, and the exit code."""

    def __init__(self, code, problem, hint):
        super().__init__(problem)
        self.code, self.hint = code, hint


def main(arguments):
    verbs = {"head": head, "worker": worker, "probe": probe, "ready": ready, "relay": relay}
    if len(arguments) != 1 or arguments[0] not in verbs:
        raise Refusal(USAGE, f"expected one of {', '.join(verbs)}", "docker run ... genetic-pool head")
    return verbs[arguments[0]]()


def head():
    check_surroundings()
    stay_silent()
    address = own_address()
    os.environ.setdefault("RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S", "5")
    return start_ray(
        ["--head", f"--port={GCS_PORT}", "--dashboard-host=0.0.0.0", f"--dashboard-port={DASHBOARD_PORT}"],
        address, default_slots=0,
    )


def worker():
    check_surroundings()
    name = os.environ.get("GENETIC_POOL_HEAD")
    if not name:
        raise Refusal(ENVIRONMENT, "GENETIC_POOL_HEAD is not set", "set it to the name of the head's container")
    deadline = time.monotonic() + number("GENETIC_POOL_WAIT", 60)
    found = wait_for_head(name, deadline)
    return start_ray([f"--address={found}:{GCS_PORT}"], own_address(towards=found), default_slots=os.cpu_count())


def probe():
    healthy, words = ask_agent("/api/healthz")
    print(words)
    return 0 if healthy else 1


def ready():
    answers, words = ask_agent("/api/local_raylet_healthz")
    node = os.environ.get("GENETIC_POOL_NODE", "")
    print(json.dumps({"node": node, "ready": answers, "detail": words}))
    return 0 if answers else 1


def relay():
    import select

    try:
        connection = socket.create_connection(("127.0.0.1", DASHBOARD_PORT), timeout=10)
    except OSError as error:
        raise Refusal(HEAD, f"Ray's HTTP port does not answer: {error}", "is this the head, and is it up?") from None
    connection.settimeout(None)
    # Ray takes a closed direction for a closed connection, so the end of the input is not passed on: what is still to
    # come is waited for.
    inputs, patience = [connection, 0], None
    while ready_inputs := select.select(inputs, [], [], patience)[0]:
        if 0 in ready_inputs:
            if data := os.read(0, 65536):
                connection.sendall(data)
            else:
                inputs, patience = [connection], 30
        if connection in ready_inputs:
            data = connection.recv(65536)
            if not data:
                break
            while data:
                data = data[os.write(1, data):]
    return 0


def check_surroundings():
    """Finds what would make Ray fail later, slowly and in other words."""
    if os.environ.setdefault("RAY_AUTH_MODE", "token") != "token":
        raise Refusal(ENVIRONMENT, "RAY_AUTH_MODE is not `token`", "a node without authentication is not started")
    path = os.environ.setdefault("RAY_AUTH_TOKEN_PATH", "/run/genetic-pool/token")
    try:
        with open(path, "rb") as file:
            empty = not file.read().strip()
    except OSError as error:
        raise Refusal(
            TOKEN, f"the token cannot be read from {path}: {error.strerror}",
            f"mount the cluster's secrets there, readable by user {os.getuid()}",
        ) from None
    if empty:
        raise Refusal(TOKEN, f"the file of the token, {path}, is empty", "write the cluster's token to it")
    if not os.access(SESSIONS, os.W_OK):
        raise Refusal(ENVIRONMENT, f"{SESSIONS} cannot be written", f"mount a volume there, owned by user {os.getuid()}")
    if os.statvfs(SESSIONS).f_flag & os.ST_NOEXEC:
        raise Refusal(ENVIRONMENT, f"{SESSIONS} forbids to run programs", "mount it without `noexec`: programs are sent there")


def stay_silent():
    """Keeps Ray from asking the metadata services of clouds where it runs, which nobody answers here for a dozen seconds
    in which its HTTP answers nobody either, and from reporting that it reports no use."""
    os.environ["HOME"] = SESSIONS
    with open(f"{SESSIONS}/ray_bootstrap_config.yaml", "w", encoding="utf-8") as file:
        file.write("provider: {type: docker}\n")
    os.environ["RAY_USAGE_STATS_REPORT_URL"] = "http://127.0.0.1:9/"


def own_address(towards=None):
    """The address the other nodes have for this one."""
    if given := os.environ.get("GENETIC_POOL_ADDRESS"):
        return resolve([given], time.monotonic() + number("GENETIC_POOL_WAIT", 60))
    cluster, node = os.environ.get("GENETIC_POOL_CLUSTER"), os.environ.get("GENETIC_POOL_NODE")
    if towards is not None:
        # The side of the route to the head: no packet is sent.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
            route.connect((towards, GCS_PORT))
            return route.getsockname()[0]
    if cluster and node:
        # A head is on two networks: with the network's name behind its own, Docker answers for that network alone.
        try:
            return resolve([f"{cluster}-{node}.{cluster}-inner"], time.monotonic() + 5)
        except Refusal:
            pass
    return resolve([socket.gethostname()], time.monotonic() + 5)


def wait_for_head(name, deadline):
    """The head's address, as soon as it takes connections: Ray itself would look again only every five seconds."""
    cluster = os.environ.get("GENETIC_POOL_CLUSTER")
    address = resolve([f"{name}.{cluster}-inner", name] if cluster else [name], deadline)
    while True:
        try:
            socket.create_connection((address, GCS_PORT), timeout=2).close()
            return address
        except OSError as error:
            if time.monotonic() > deadline:
                raise Refusal(
                    HEAD, f"the head {name} ({address}) does not answer at port {GCS_PORT}: {error}",
                    "look at its state and log; it must be on a network with this node",
                ) from None
            time.sleep(0.1)


def resolve(names, deadline):
    while True:
        for name in names:
            try:
                return socket.getaddrinfo(name, None, socket.AF_INET)[0][4][0]
            except OSError as error:
                last = error
        if time.monotonic() > deadline:
            raise Refusal(
                HEAD, f"the name {names[-1]} is not known: {last.strerror}",
                "it must be a container of the same user-defined network (Docker's default one knows no names)",
            )
        time.sleep(0.2)


def start_ray(role, address, default_slots):
    """Runs `ray start` in this process: Ray takes a second to load, once is enough."""
    node = os.environ.get("GENETIC_POOL_NODE") or socket.gethostname()
    shm = os.statvfs("/dev/shm")
    options = {
        "node-ip-address": address,
        "node-name": node,
        "num-cpus": int(number("GENETIC_POOL_SLOTS", default_slots)),
        "object-store-memory": int(number("GENETIC_POOL_OBJECT_STORE", 0.8 * shm.f_blocks * shm.f_frsize)),
        "resources": json.dumps({f"genetic_pool_node:{node}": 1}),
        "labels": f"genetic-pool-node={node}",
        "temp-dir": SESSIONS,
        "node-manager-port": 6380,
        "object-manager-port": 6381,
        "runtime-env-agent-port": 6382,
        "dashboard-agent-grpc-port": 6383,
        "metrics-export-port": 6384,
        "dashboard-agent-listen-port": AGENT_PORT,
        "min-worker-port": 10100,
        "max-worker-port": 11123,
    }
    if memory := number("GENETIC_POOL_MEMORY", 0):
        options["memory"] = int(memory)
    remove_old_sessions()
    from ray.scripts.scripts import main as ray

    sys.argv = ["ray", "start", *role, *(f"--{name}={value}" for name, value in options.items())]
    sys.argv += ["--block", "--disable-usage-stats"]
    try:
        return ray()
    except RuntimeError as error:
        if "Version mismatch" not in str(error):
            raise
        raise Refusal(VERSION, versions(str(error)), "head and workers must be of one image: recreate the cluster") from None


def versions(words):
    """Ray's words on two versions in one line."""
    import re

    pairs = re.findall(r"Ray: (\S+)\s+Python: (\S+)", words)
    if len(pairs) != 2:
        return " ".join(words.split())
    (ray, python), (own_ray, own_python) = pairs
    return f"the head runs Ray {ray} on Python {python}, this node Ray {own_ray} on Python {own_python}"


def remove_old_sessions():
    """A node that is started again keeps the logs of its last sessions, not of all."""
    import shutil

    sessions = sorted(entry.path for entry in os.scandir(SESSIONS) if entry.name.startswith("session_2"))
    for path in sessions[:-SESSIONS_KEPT + 1]:
        shutil.rmtree(path, ignore_errors=True)


def ask_agent(path):
    """What the agent of this node says at `path`: whether it is fine, and its words in one line."""
    try:
        with socket.create_connection(("127.0.0.1", AGENT_PORT), timeout=3) as connection:
            connection.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
            answer = b""
            while data := connection.recv(65536):
                answer += data
    except OSError as error:
        return False, f"Ray's agent does not answer at port {AGENT_PORT}: {error}"
    start, _, body = answer.decode(errors="replace").partition("\r\n\r\n")
    return " 200 " in start.split("\r\n")[0], " ".join(body.split())


def number(variable, default):
    text = os.environ.get(variable)
    if not text:
        return default
    if not text.isdecimal():
        raise Refusal(ENVIRONMENT, f"{variable} is `{text}`", "it must be a whole number")
    return int(text)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Refusal as refusal:
        print(f"genetic-pool: {refusal}\nhint: {refusal.hint}", file=sys.stderr)
        sys.exit(refusal.code)
