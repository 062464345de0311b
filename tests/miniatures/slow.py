"""Takes its time, but not too long."""

import time

from base import right, serve


def answer(request):
    time.sleep(0.05)
    return right(request)


serve(answer)
