"""Is ended by a signal in the valid case that is the twin of the invalid ones."""

import os

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64":
        os.abort()
    return right(request)


serve(answer)
