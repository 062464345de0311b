"""Starts at every second try only, after the first start, and needs a new process for each case."""

import os
import pathlib
import sys

from base import right, serve

count = pathlib.Path(sys.argv[1], "starts")
starts = int(count.read_text()) if count.exists() else 0
count.write_text(str(starts + 1))
if starts % 2 == 1:
    sys.exit("not today")


def answer(request):
    if request["seq"] > 1:
        os._exit(7)
    return right(request)


serve(answer)
