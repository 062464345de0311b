"""Reads 64-byte footers."""

import struct

from chunkproof_vectors import FooterInput, FooterOutput, Position


class Refused(Exception):
    pass


def parse(input: FooterInput) -> FooterOutput:
    tail = input.tail[-72:]
    if len(tail) < 72 or tail[:8] != bytes.fromhex("502a4d1840000000") or tail[64:] != b"GNUlInUx":
        raise Refused("no footer of 64 bytes")
    *toc, kind, offset, length, uncompressed = struct.unpack("<7Q", tail[8:64])
    positions = [Position(*toc)]
    if (offset, length, uncompressed) != (0, 0, 0):
        positions.append(Position(offset, length, uncompressed))
    if kind != 1 or toc[0] < 8 or 0 in toc or (length == 0 and uncompressed != 0):
        raise Refused("the type, an offset or a length is wrong")
    ends = [position.offset + position.length for position in positions]
    if ends[-1] != input.blob_size - 72 or (len(positions) == 2 and offset != ends[0] + 8):
        raise Refused("TOC, tar-split and footer are not adjacent")
    return FooterOutput("v64", *positions)
