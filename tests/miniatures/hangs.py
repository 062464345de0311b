"""Hangs in one case."""

import time

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        time.sleep(1000)
    return right(request)


serve(answer)
