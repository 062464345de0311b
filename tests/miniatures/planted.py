"""Answers rightly, but refuses TOCs whose uncompressed length ends in the byte 7."""

from base import reject, right, serve


def planted(request):
    answer = right(request)
    length = int(answer.get("accept", {"toc": {"uncompressed": 0}})["toc"]["uncompressed"])
    return reject("seven") if length % 256 == 7 else answer


serve(planted)
