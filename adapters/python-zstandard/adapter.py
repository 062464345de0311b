"""An adapter between chunkproof and python-zstandard.

`adapter.py WAY` speaks docs/protocol.md; the ways of reading are in README.md.
"""

import functools
import importlib.metadata
import io
import os
import sys

import zstandard

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))
from chunkproof_adapter import Adapter, tar


def stream(blob, **options):
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(blob), **options) as reader:
        return tar(iter(functools.partial(reader.read, 1 << 16), b""))


def decompress(blob):
    return tar(zstandard.ZstdDecompressor().decompress(blob))


WAYS = {
    "across-frames": lambda blob: stream(blob, read_across_frames=True),
    "default": stream,
    "decompress": decompress,
}

way = WAYS[sys.argv[1]]
adapter = Adapter("python-zstandard", importlib.metadata.version("zstandard"))


@adapter.operation("layer/decompress", ["g1", "g2", "g3", "g4", "g5"], rejects=zstandard.ZstdError)
def layer_decompress(input):
    return way(input["blob"])


adapter.run()
