"""An adapter between chunkproof and programs that unpack tars: `unpack.py NAME VERSION LACKS PROGRAM ...`, where VERSION is the
command that prints it.

The program unpacks the tar, which it reads from stdin or from the file `{tar}`, in a scratch folder; what it leaves there is the tree. A
directory that it made for something inside was modified and last read at the time at which it was made, and the tar does not name it. An
exit code other than 0 is a rejection.
"""

import base64
import hashlib
import os
import re
import stat
import subprocess
import sys
import tempfile
import time

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))
from chunkproof_adapter import Adapter, Reject

ROOT = os.geteuid() == 0
LACKS = ["xattrs"] if ROOT else ["devices", "owner", "xattrs"]


def unpacked(tar, command):
    # Where a name leads out of the root of the tree, it leads to a folder that is removed too.
    around = tempfile.mkdtemp()
    root = os.path.join(around, "in", "root")
    os.makedirs(root)
    # Directories that the program makes for something inside are younger, whatever the clock of the file system counts in.
    start = time.time() - 1
    os.utime(root, (start + 1, start + 1))
    try:
        # Names are bytes, whatever the locale is.
        environment = {**os.environ, "LC_ALL": "C.UTF-8"}
        with tempfile.NamedTemporaryFile() as file:
            file.write(tar)
            file.flush()
            words = [file.name if word == "{tar}" else word for word in command]
            done = subprocess.run(words, input=tar, cwd=root, env=environment, capture_output=True, check=False)
        if done.returncode < 0:
            # A signal is a crash.
            os.kill(os.getpid(), -done.returncode)
        said = [line for line in done.stderr.decode(errors="replace").splitlines() if line.strip()]
        is_device = not ROOT and any("Operation not permitted" in line for line in said)
        if done.returncode and not is_device:
            raise Reject(" ".join(said)[:300] or f"exit code {done.returncode}")
        outside = sorted(os.listdir(around) + os.listdir(os.path.join(around, "in")))
        if outside != ["in", "root"]:
            return [{"path": base64.b64encode(b"..").decode(), "type": "dir"}]
        return sorted_entries(os.fsencode(root), start)
    except OSError as error:
        # A program can go down step by step to where no path leads.
        raise Reject(f"the tree cannot be listed: {error.strerror}") from error
    finally:
        # Folders may be deep, and their owner may not be allowed to write to them.
        subprocess.run(["chmod", "-R", "u+rwx", around], capture_output=True, check=False)
        subprocess.run(["rm", "-rf", around], check=True)


def sorted_entries(root, start):
    found, left = {b"": entry(root, start)}, [b""]
    while left:
        folder = left.pop()
        for name in os.listdir(os.path.join(root, folder)):
            path = os.path.join(folder, name)
            found[path] = entry(os.path.join(root, path), start)
            if stat.S_ISDIR(os.lstat(os.path.join(root, path)).st_mode):
                left.append(path)
    return [
        {"path": base64.b64encode(path).decode(), **node} for path, node in sorted(found.items()) if node is not None
    ]


def entry(path, start):
    status = os.lstat(path)
    mode = status.st_mode
    node = {"uid": str(status.st_uid), "gid": str(status.st_gid), "mtime": seconds(status.st_mtime_ns)}
    if stat.S_ISLNK(mode):
        return {**node, "type": "symlink", "link": base64.b64encode(os.readlink(path)).decode()}
    node["mode"] = str(stat.S_IMODE(mode))
    if stat.S_ISDIR(mode):
        # Where a program sets both times at once, what it makes inside later changes only the one.
        made = all(start <= at <= time.time() + 1 for at in (status.st_mtime, status.st_atime))
        return None if made else {**node, "type": "dir"}
    if stat.S_ISFIFO(mode):
        return {**node, "type": "fifo"}
    if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
        kind = "char" if stat.S_ISCHR(mode) else "block"
        numbers = {"dev_major": str(os.major(status.st_rdev)), "dev_minor": str(os.minor(status.st_rdev))}
        return {**node, "type": kind, **numbers}
    with open(path, "rb") as file:
        digest = hashlib.sha256()
        while part := file.read(1 << 20):
            digest.update(part)
    return {**node, "type": "reg", "size": str(status.st_size), "sha256": digest.hexdigest()}


def seconds(nanoseconds):
    sign, nanoseconds = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    whole, fraction = divmod(nanoseconds, 10**9)
    return f"{sign}{whole}" + (f".{fraction:09}".rstrip("0") if fraction else "")


if __name__ == "__main__":
    arguments = sys.argv[1:]
    name, command_version, lacks = arguments[:3]
    said = subprocess.run(command_version.split(), capture_output=True, check=False)
    # Numbers with points between them, or a day.
    number = re.search(rb"\d+(\.\d+)+|\d{8}", said.stdout + said.stderr)[0].decode()
    lacking = sorted({*LACKS, *(lacks.split(",") if lacks else [])})
    adapter = Adapter(name, number, "c", lacks={"tar/list": lacking})

    @adapter.operation("tar/list", ["g1", "g2", "g3", "g4", "g5"])
    def tar_list(input):
        return {"entries": unpacked(input["tar"], arguments[3:])}

    adapter.run()
