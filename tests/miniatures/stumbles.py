"""Exits in one case, every time, and does not start once after that."""

import os
import pathlib
import sys

from base import right, serve

count = pathlib.Path(sys.argv[1], "starts")
starts = int(count.read_text()) if count.exists() else 0
count.write_text(str(starts + 1))
if starts == 2:
    sys.exit("not today")


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        os._exit(7)
    return right(request)


serve(answer)
