"""Writes much to stderr and answers rightly."""

import sys

from base import right, serve


def answer(request):
    sys.stderr.write("x" * (1 << 20))
    return right(request)


serve(answer)
