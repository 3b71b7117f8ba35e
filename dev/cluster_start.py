"""The time to a ready cluster: ours beside plain docker commands. See dev/cluster-start."""

import json
import secrets
import statistics
import subprocess
import sys
import tempfile
import time

NAME = "t-start"
# What somebody would wait for by hand: Ray counts the nodes, and a task has run on each worker.
POLL = """
import json, os, time, urllib.request
token = open('/run/genetic-pool/token').read()
request = urllib.request.Request('http://127.0.0.1:8265/api/v0/nodes?detail=1', headers={'Authorization': 'Bearer ' + token})
while True:
    try:
        nodes = json.load(urllib.request.urlopen(request, timeout=5))['data']['result']['result']
        if sum(node['state'] == 'ALIVE' for node in nodes) == 3:
            break
    except (OSError, KeyError, TypeError, ValueError):
        pass
    time.sleep(0.1)
print('counted', flush=True)
import ray
ray.init(address='auto', log_to_driver=False)
task = ray.remote(lambda: None)
ray.get([task.options(resources={f'genetic_pool_node:worker-{i}': 0.01}).remote() for i in range(2)])
"""


def docker(*arguments, **options):
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True, **options).stdout


def plain(image):
    """Seconds until Ray counts the nodes, and until a task has run on each."""
    start = time.monotonic()
    docker("network", "create", "--internal", f"{NAME}-inner")
    docker("network", "create", f"{NAME}-outer")
    closed = ["--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges:true", "--init", "--shm-size", "256m",
              "--tmpfs", "/tmp:rw,noexec,nosuid,nodev,size=512m,mode=1777", "--memory", "2g", "--memory-swap", "2g",
              "--network", f"{NAME}-inner", "--volume", f"{NAME}-secrets:/run/genetic-pool"]
    docker("create", "--name", f"{NAME}-control", "--volume", f"{NAME}-secrets:/run/genetic-pool", image)
    with tempfile.NamedTemporaryFile("w", suffix="-token") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        subprocess.run(["sh", "-c", f"tar -C / --owner=10001 --group=10001 --mode=0400 --transform 's|.*|token|' -cf - "
                        f"{file.name[1:]} | docker cp - {NAME}-control:/run/genetic-pool"], check=True, capture_output=True)

    def run(role, cpus, *options):
        docker("create", "--name", f"{NAME}-{role}", "--cpus", str(cpus), "--volume", f"{NAME}-{role}-ray:/ray",
               "--env", f"GENETIC_POOL_CLUSTER={NAME}", "--env", f"GENETIC_POOL_NODE={role}",
               "--env", "RAY_AUTH_MODE=token", "--env", "RAY_AUTH_TOKEN_PATH=/run/genetic-pool/token", *closed, *options)

    run("head", 2, "--pids-limit", "1024", "--publish", "127.0.0.1::8265", image, "head")
    docker("network", "connect", f"{NAME}-outer", f"{NAME}-head")
    for index in range(2):
        run(f"worker-{index}", 1, "--pids-limit", "320", "--env", f"GENETIC_POOL_HEAD={NAME}-head",
            "--env", "GENETIC_POOL_SLOTS=1", image, "worker")
    docker("start", f"{NAME}-head", f"{NAME}-worker-0", f"{NAME}-worker-1")
    poll = subprocess.Popen(["docker", "exec", f"{NAME}-head", "python3", "-c", POLL], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    assert poll.stdout.readline() == "counted\n", poll.stderr.read()
    counted = time.monotonic() - start
    assert poll.wait() == 0, poll.stderr.read()
    return counted, time.monotonic() - start


def clear():
    for kind, arguments in (("ps -aq", "rm -fv"), ("network ls -q", "network rm"), ("volume ls -q", "volume rm")):
        subprocess.run(f"docker {kind} --filter name={NAME}- | xargs -r docker {arguments}", shell=True, capture_output=True)


def ours(program, image):
    start = time.monotonic()
    subprocess.run([program, "cluster", "up", "--cluster", NAME, "--workers", "2", "--cpus", "1", "--image", image],
                   check=True, capture_output=True, text=True)
    return time.monotonic() - start


def main():
    program, rounds, image = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    figures = {"plain, counted": [], "plain, a task on each": [], "cluster up": []}
    clear()
    try:
        for _ in range(rounds):
            counted, worked = plain(image)
            clear()
            up = ours(program, image)
            clear()
            for name, value in zip(figures, (counted, worked, up)):
                figures[name].append(value)
            print(json.dumps({name: round(values[-1], 1) for name, values in figures.items()}), flush=True)
    finally:
        clear()
    counted, worked, up = (statistics.median(values) for values in figures.values())
    print(f"cluster up {up:.1f} s; plain docker {counted:.1f} s until counted (ratio {up / counted:.2f}), "
          f"{worked:.1f} s until a task has run on each (ratio {up / worked:.2f})")


main()
