"""What the miniatures share: a right reader of 64-byte footers, and the loop over lines."""

import base64
import json
import struct
import sys

HELLO = {
    "name": "miniature",
    "version": "1",
    "language": "python",
    "ops": {"footer/parse": ["g4", "g5"]},
}


def right(request):
    """The right answer."""
    tail = base64.b64decode(request["input"]["tail"]["base64"])[-72:]
    size = int(request["input"]["blob_size"])
    if len(tail) < 72 or tail[:8] != bytes.fromhex("502a4d1840000000") or tail[64:] != b"GNUlInUx":
        return reject("no footer")
    toc, kind, tar_split = struct.unpack("<3Q", tail[8:32]), tail[32], struct.unpack("<3Q", tail[40:64])
    last = tar_split if any(tar_split) else toc
    adjacent = last is toc or tar_split[0] == toc[0] + toc[1] + 8
    if kind != 1 or toc[0] < 8 or 0 in toc or last[0] + last[1] != size - 72 or not adjacent:
        return reject("bad footer")
    return accept(toc, tar_split if any(tar_split) else None)


def accept(toc, tar_split):
    def position(numbers):
        return dict(zip(("offset", "length", "uncompressed"), map(str, numbers)))

    return {"accept": {"layout": "v64", "toc": position(toc), "tar_split": tar_split and position(tar_split)}}


def reject(message):
    return {"reject": {"message": message}}


def send(line):
    print(json.dumps(line), flush=True)


def serve(answer, hello=HELLO):
    """Answers each case with what `answer` makes of the request."""
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "hello":
            send({"seq": 0, "hello": hello})
        else:
            send({"seq": request["seq"], **answer(request)})
