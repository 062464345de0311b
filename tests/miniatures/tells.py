"""Writes the id of each case to a file, and takes so many seconds of processor time for its answer."""

import sys
import time

from base import right, serve

FILE, SECONDS = sys.argv[1:]


def answer(request):
    with open(FILE, "a") as file:
        print(request["case"], file=file)
    start = time.process_time()
    while time.process_time() < start + float(SECONDS):
        pass
    return right(request)


serve(answer)
