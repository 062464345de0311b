"""An adapter between chunkproof and backports.zstd.

`adapter.py WAY` speaks docs/protocol.md; the ways of reading are in README.md.
"""

import functools
import importlib.metadata
import io
import os
import sys

from backports import zstd

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kit", "python"))
from chunkproof_adapter import Adapter, tar


def file(blob):
    with zstd.ZstdFile(io.BytesIO(blob)) as reader:
        return tar(iter(functools.partial(reader.read, 1 << 16), b""))


def decompress(blob):
    return tar(zstd.decompress(blob))


WAYS = {"file": file, "decompress": decompress}

way = WAYS[sys.argv[1]]
adapter = Adapter("backports-zstd", importlib.metadata.version("backports.zstd"))


@adapter.operation("layer/decompress", ["g1", "g2", "g3", "g4", "g5"], rejects=(zstd.ZstdError, EOFError))
def layer_decompress(input):
    return way(input["blob"])


adapter.run()
