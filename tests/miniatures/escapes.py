"""Starts a process in a session of its own, two generations away: one that takes memory in one case, or one that stays."""

import os
import sys
import time

from base import right, serve


def start(work):
    """Runs `work` in a process that has left the group, the session and its parent."""
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    for stream in range(3):
        os.close(stream)
    work()
    os._exit(0)


def eat():
    eaten = bytearray(b"x") * (600 << 20)
    time.sleep(20)
    return eaten


def stay():
    with open(sys.argv[2], "w") as file:
        file.write(str(os.getpid()))
    time.sleep(1000)


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        start({"eat": eat, "stay": stay}[sys.argv[1]])
        time.sleep(5)
    return right(request)


serve(answer)
