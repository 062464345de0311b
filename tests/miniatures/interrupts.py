"""Interrupts the runner, as a user does, and hangs."""

import os
import signal
import sys
import time

from base import serve


def runner():
    """The process that started the supervisor of this one."""
    with open(f"/proc/{os.getppid()}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def answer(request):
    with open(sys.argv[1], "w") as file:
        file.write(str(os.getpid()))
    os.kill(runner(), signal.SIGINT)
    time.sleep(1000)


serve(answer)
