"""Interrupts the runner, as a user does, when it is asked for one case, and hangs."""

import os
import signal
import sys
import time

from base import right, serve


def runner():
    """The process that started the supervisor of this one."""
    with open(f"/proc/{os.getppid()}/stat") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def answer(request):
    if request["case"] != "footer/v64-without-tar-split":
        return right(request)
    with open(sys.argv[1], "w") as file:
        file.write(str(os.getpid()))
    os.kill(runner(), signal.SIGINT)
    time.sleep(1000)


serve(answer)
