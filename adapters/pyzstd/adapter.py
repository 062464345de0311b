"""An adapter between chunkproof and pyzstd.

`adapter.py WAY` speaks docs/protocol.md; the ways of reading are in README.md.
"""

import base64
import hashlib
import importlib.metadata
import io
import json
import sys

import pyzstd


def main(way):
    hello = {
        "name": "pyzstd",
        "version": importlib.metadata.version("pyzstd"),
        "language": "python",
        "ops": {"layer/decompress": ["g1", "g2", "g3", "g4", "g5"]},
    }
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "hello":
            answer = {"hello": hello}
        elif request["op"] == "layer/decompress":
            blob = base64.b64decode(request["input"]["blob"]["base64"])
            try:
                answer = {"accept": WAYS[way](blob)}
            except (pyzstd.ZstdError, EOFError) as error:
                answer = {"reject": {"message": str(error)}}
        else:
            answer = {"unsupported": {"message": request["op"]}}
        print(json.dumps({"seq": request["seq"], **answer}), flush=True)


def file(blob):
    sha256, size = hashlib.sha256(), 0
    with pyzstd.ZstdFile(io.BytesIO(blob)) as reader:
        while part := reader.read(1 << 16):
            sha256.update(part)
            size += len(part)
    return {"sha256": sha256.hexdigest(), "size": str(size)}


def decompress(blob):
    tar = pyzstd.decompress(blob)
    return {"sha256": hashlib.sha256(tar).hexdigest(), "size": str(len(tar))}


WAYS = {"file": file, "decompress": decompress}

main(*sys.argv[1:])
