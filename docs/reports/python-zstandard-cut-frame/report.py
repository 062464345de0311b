"""A frame that is cut off is taken for a whole one by stream_reader."""

import io
import sys

import zstandard

# A frame with a block of five bytes and one of four, of which the last byte is missing.
FRAME = b"\x28\xb5\x2f\xfd\x20\x09\x28\x00\x00hello\x21\x00\x00 wor"

for options in ({}, {"read_across_frames": True}):
    try:
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(FRAME), **options) as reader:
            content = reader.read()
    except zstandard.ZstdError as error:
        sys.exit(f"repaired: with {options} the frame is refused: {error}")
    print(f"with {options}: {content!r}")
