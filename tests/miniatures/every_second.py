"""Crashes on every second request. Its argument is the dialect that it declares instead of two others."""

import os
import sys

from base import HELLO, right, serve


def answer(request):
    if request["seq"] % 2 == 0:
        os._exit(9)
    return right(request)


serve(answer, {**HELLO, "ops": {"footer/parse": sys.argv[1:]}} if sys.argv[1:] else HELLO)
