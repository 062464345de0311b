"""Answers one case with a line that is too long."""

from base import reject, right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        return reject("x" * (17 << 20))
    return right(request)


serve(answer)
