"""Says which process it is, starts another one, and works on and on."""

import os
import subprocess
import sys

from base import serve


def answer(request):
    other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with open(sys.argv[1] + ".part", "w") as file:
        file.write(f"{os.getpid()} {other.pid} {os.environ['TMPDIR']}")
    os.rename(sys.argv[1] + ".part", sys.argv[1])
    while True:
        pass


serve(answer)
