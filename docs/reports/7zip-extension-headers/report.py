"""The time for extension headers without an entry grows with the square of their number."""

import os
import resource
import subprocess
import sys
import tempfile


def block(name, kind, size):
    """A header of GNU tar."""
    fields = bytearray(512)
    fields[: len(name)] = name
    fields[100:108], fields[108:116], fields[116:124] = b"0000644\0", b"0000000\0", b"0000000\0"
    fields[124:136], fields[136:148] = b"%011o\0" % size, b"%011o\0" % 0
    fields[148:156], fields[156:157], fields[257:265] = b" " * 8, kind, b"ustar  \0"
    fields[148:156] = b"%06o\0 " % sum(fields)
    return bytes(fields)


def archive(count):
    """So many GNU long names, and no entry after them."""
    long_name = block(b"././@LongLink", b"L", 5) + b"long\0".ljust(512, b"\0")
    return long_name * count + bytes(1024)


def seconds(count):
    """The processor time that 7zz needs for such a tar."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.tar")
        with open(path, "wb") as file:
            file.write(archive(count))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(["7zz", "l", "-ttar", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


few, many = seconds(1000), seconds(4000)
print(f"1000 headers: {few:.2f} s, 4000 headers: {many:.2f} s")
if many < 8 * few:
    sys.exit(f"repaired: four times as many headers take {many / few:.1f} times as long")
