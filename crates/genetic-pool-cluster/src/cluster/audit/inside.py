"""Looks at a container from within and prints what it sees as one line of JSON. It judges nothing.

The token is read where the node reads it: it is on no command line. Its own process is left out of what it searches.
"""

import json, os, stat, subprocess

TOKEN = "/run/genetic-pool/token"
SEARCHED = ["/ray", "/tmp", "/var/lib/genetic-pool", "/dev/shm"]
MOST = 4 << 30


def status():
    lines = (line.split(":", 1) for line in open("/proc/1/status"))
    return {key: value.split() for key, value in lines}


def written(folder):
    path = os.path.join(folder, ".audit")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError:
        return False
    os.unlink(path)
    return True


def runs_in(folder):
    """Whether a program there can be run; None where none can be put there."""
    path = os.path.join(folder, ".audit-program")
    try:
        with open(path, "w") as file:
            file.write("#!/bin/sh\nexit 0\n")
        os.chmod(path, 0o700)
    except OSError:
        return None
    try:
        return subprocess.run([path], stdin=subprocess.DEVNULL).returncode == 0
    except OSError:
        return False
    finally:
        os.unlink(path)


def setuid():
    try:
        # Ten times as fast as what follows.
        find = ["find", "/", "-xdev", "-type", "f", "-perm", "/6000"]
        return subprocess.run(find, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout.splitlines()
    except OSError:
        pass
    found, device = [], os.stat("/").st_dev
    for folder, folders, files in os.walk("/"):
        folders[:] = [name for name in folders if same(os.path.join(folder, name), device)]
        for name in files:
            path = os.path.join(folder, name)
            try:
                mode = os.lstat(path).st_mode
            except OSError:
                continue
            if stat.S_ISREG(mode) and mode & (stat.S_ISUID | stat.S_ISGID):
                found.append(path)
    return found


def same(path, device):
    try:
        return not os.path.islink(path) and os.stat(path).st_dev == device
    except OSError:
        return False


def sockets():
    places = ["/var/run/docker.sock", "/run/docker.sock", "/run/containerd/containerd.sock", "/run/podman/podman.sock"]
    return sorted({os.path.realpath(path) for path in places if os.path.exists(path)})


def holds(path, token, budget):
    """Whether the file holds the token, and how many bytes of it were read."""
    size, rest = 0, b""
    with open(path, "rb") as file:
        while size < budget and (part := file.read(1 << 20)):
            size += len(part)
            if token in rest + part:
                return True, size
            rest = part[-len(token):]
    return False, size


def search(token):
    seen = {"processes": 0, "files": 0, "bytes": 0, "found": [], "unread": []}
    for process in sorted(filter(str.isdigit, os.listdir("/proc")), key=int):
        if int(process) == os.getpid():
            continue
        for what in ("environ", "cmdline"):
            try:
                with open(f"/proc/{process}/{what}", "rb") as file:
                    content = file.read()
            except FileNotFoundError:
                continue
            except OSError:
                seen["unread"].append(f"/proc/{process}/{what}")
                continue
            seen["processes"] += what == "environ"
            if token in content:
                seen["found"].append(f"/proc/{process}/{what}")
    for root in SEARCHED:
        for folder, _, files in os.walk(root):
            for name in files:
                path = os.path.join(folder, name)
                try:
                    if not stat.S_ISREG(os.lstat(path).st_mode):
                        continue
                    found, size = holds(path, token, MOST - seen["bytes"])
                except FileNotFoundError:
                    continue
                except OSError:
                    seen["unread"].append(path)
                    continue
                seen["files"] += 1
                seen["bytes"] += size
                if found:
                    seen["found"].append(path)
    if seen["bytes"] >= MOST:
        seen["unread"].append("what is above 4 GiB")
    return seen


def secret():
    try:
        entry = os.stat(TOKEN)
        with open(TOKEN, "rb") as file:
            token = file.read().strip()
    except OSError:
        return None, None
    return {"mode": stat.S_IMODE(entry.st_mode), "owner": entry.st_uid}, token or None


def main():
    one = status()
    secrets, token = secret()
    folders = ["/", "/etc", "/usr/bin", "/opt/genetic-pool", "/run", "/run/genetic-pool", "/var", "/sys", "/proc/sys"]
    print(json.dumps({
        "users": [int(number) for number in one["Uid"]],
        "groups": sorted({int(number) for number in one["Gid"] + one.get("Groups", [])}),
        "capabilities": {key: one[key][0] for key in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb") if key in one},
        "no_new_privileges": one.get("NoNewPrivs") == ["1"],
        "seccomp": one.get("Seccomp") == ["2"],
        "writable": [folder for folder in folders if os.path.isdir(folder) and written(folder)],
        "runs_in_tmp": runs_in("/tmp"),
        "setuid": setuid(),
        "sockets": sockets(),
        "secret": secrets,
        "search": search(token) if token else None,
    }))


main()
