"""Takes a second of processor time for each case."""

import time

from base import right, serve


def answer(request):
    start = time.process_time()
    while time.process_time() < start + 1:
        pass
    return right(request)


serve(answer)
