"""Prints something for people before one answer, as a forgotten debug print does."""

from base import right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        print("parsing footer ...", flush=True)
    return right(request)


serve(answer)
