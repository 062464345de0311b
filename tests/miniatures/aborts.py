"""Is ended by a signal in one case, every time."""

import os
import sys

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        print("aborts.py: an invariant does not hold", file=sys.stderr, flush=True)
        os.abort()
    return right(request)


serve(answer)
