"""Counts wrongly."""

from base import right, serve


def answer(request):
    request = dict(request)
    return {**right(request), "seq": 0}


serve(answer)
