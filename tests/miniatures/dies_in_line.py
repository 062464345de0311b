"""Is ended by a signal in the middle of one answer."""

import os
import sys

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        sys.stdout.write('{"seq":')
        sys.stdout.flush()
        os.abort()
    return right(request)


serve(answer)
