"""Exits without an answer in one case, as if all were well, and leaves a process behind that holds its pipes."""

import os
import subprocess
import sys

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        child = subprocess.Popen(["sleep", "1000"])
        with open(sys.argv[1], "w") as file:
            file.write(str(child.pid))
        os._exit(0)
    return right(request)


serve(answer)
