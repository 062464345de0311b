"""Crashes at the first try of every case, and remembers the tries in a folder."""

import os
import pathlib
import sys

from base import right, serve


def answer(request):
    tried = pathlib.Path(sys.argv[1], request["case"].replace("/", "_"))
    if not tried.exists():
        tried.touch()
        os._exit(9)
    return right(request)


serve(answer)
