"""Is ended by a signal in one case, every time."""

import os

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        os.abort()
    return right(request)


serve(answer)
