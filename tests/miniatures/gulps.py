"""Decodes frames of raw blocks and runs, and takes 600 MiB for a moment in one case."""

import base64
import hashlib

from base import HELLO, reject, serve


def decode(frame):
    """The content of a frame with a window, a content size of two bytes or more, and a checksum."""
    sizes = {1: 2, 2: 4, 3: 8}
    at, content = 6 + sizes[frame[4] >> 6], b""
    last = False
    while not last:
        header = int.from_bytes(frame[at : at + 3], "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        run = kind == 1
        content += frame[at + 3 : at + 4] * size if run else frame[at + 3 : at + 3 + size]
        at += 4 if run else 3 + size
    declared = int.from_bytes(frame[6 : 6 + sizes[frame[4] >> 6]], "little")
    return content if len(content) == declared + (256 if frame[4] >> 6 == 1 else 0) else None


def answer(request):
    if request["case"] == "decompress/content-size-2-31":
        del [bytearray(b"x") * (600 << 20)][:]
    content = decode(base64.b64decode(request["input"]["blob"]["base64"]))
    if content is None:
        return reject("another size than declared")
    return {"accept": {"sha256": hashlib.sha256(content).hexdigest(), "size": str(len(content))}}


serve(answer, {**HELLO, "ops": {"layer/decompress": ["g1", "g2", "g3", "g4", "g5"]}})
