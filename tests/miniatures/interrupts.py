"""Interrupts the runner, as a user does, and hangs."""

import os
import signal
import sys
import time

from base import serve


def answer(request):
    with open(sys.argv[1], "w") as file:
        file.write(str(os.getpid()))
    os.kill(os.getppid(), signal.SIGINT)
    time.sleep(1000)


serve(answer)
