"""An adapter between chunkproof and example. Start it with `chunkproof run --impl "python3 adapter.py"`."""

import struct

from chunkproof_adapter import Adapter, Reject, tar

# TODO: the name and the version of your implementation.
adapter = Adapter("example", "1")


# TODO: call your implementation. This reads footers of 64 bytes, to show how input and output look.
@adapter.operation("footer/parse", ["g4", "g5"])
def footer(input):
    tail, size = input["tail"][-72:], input["blob_size"]
    if len(tail) < 72 or tail[:8] != bytes.fromhex("502a4d1840000000") or tail[64:] != b"GNUlInUx":
        raise Reject("no 64-byte footer at the end")
    *toc, kind, offset, length, uncompressed = struct.unpack("<7Q", tail[8:64])
    tar_split = [offset, length, uncompressed]
    last = tar_split if any(tar_split) else toc
    if kind != 1 or toc[0] < 8 or 0 in toc or 0 == last[1] < last[2]:
        raise Reject("the manifest type, an offset or a length is wrong")
    if last[0] + last[1] != size - 72 or (last is tar_split and offset != toc[0] + toc[1] + 8):
        raise Reject("TOC, tar-split and footer are not adjacent")
    return {"layout": "v64", "toc": position(toc), "tar_split": position(tar_split) if last is tar_split else None}


def position(numbers):
    return dict(zip(("offset", "length", "uncompressed"), numbers))


# TODO: an operation for each thing that your implementation does, such as this one; `rejects` are the errors that it reports.
#
# @adapter.operation("layer/decompress", ["g1", "g2", "g3", "g4", "g5"], rejects=example.Error)
# def decompress(input):
#     return tar(example.decompress(input["blob"]))

adapter.run()
