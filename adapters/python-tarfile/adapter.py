"""An adapter between chunkproof and tarfile of Python's standard library.

It lists the members of a tar and puts the tree together, as docs/protocol.md describes it for `tar/list`.
"""

import base64
import hashlib
import io
import math
import os
import platform
import sys
import tarfile

from tree import Obstacle, Tree

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))
from chunkproof_adapter import Adapter

adapter = Adapter("python-tarfile", platform.python_version(), lacks={"tar/list": ["mtime-fraction", "xattrs"]})

TYPES = {
    tarfile.DIRTYPE: "dir",
    tarfile.SYMTYPE: "symlink",
    tarfile.CHRTYPE: "char",
    tarfile.BLKTYPE: "block",
    tarfile.FIFOTYPE: "fifo",
}


def text(name):
    return name.encode("utf-8", "surrogateescape")


def listed(tar):
    tree = Tree()
    with tarfile.open(fileobj=io.BytesIO(tar), mode="r:", encoding="utf-8") as archive:
        for member in archive:
            name = text(member.name)
            if member.islnk():
                tree.link(name, text(member.linkname))
                continue
            node = {"type": TYPES.get(member.type, "reg"), "uid": str(member.uid), "gid": str(member.gid)}
            if math.isfinite(member.mtime):
                node["mtime"] = str(int(member.mtime // 1))
            if node["type"] == "symlink":
                node["link"] = base64.b64encode(text(member.linkname)).decode()
            else:
                node["mode"] = str(member.mode & 0o7777)
            if node["type"] in ("char", "block"):
                node["dev_major"], node["dev_minor"] = str(member.devmajor), str(member.devminor)
            if node["type"] == "reg":
                node["size"], node["sha256"] = content(archive, member)
            tree.put(name, node, text(member.linkname))
    return tree.entries()


def content(archive, member):
    sha256, size = hashlib.sha256(), 0
    with archive.extractfile(member) as file:
        while part := file.read(1 << 20):
            sha256.update(part)
            size += len(part)
    return str(size), sha256.hexdigest()


@adapter.operation("tar/list", ["g1", "g2", "g3", "g4", "g5"], rejects=(tarfile.TarError, Obstacle))
def tar_list(input):
    return {"entries": listed(input["tar"])}


adapter.run()
