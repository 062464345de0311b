"""Crashes on every second request."""

import os

from base import right, serve


def answer(request):
    if request["seq"] % 2 == 0:
        os._exit(9)
    return right(request)


serve(answer)
