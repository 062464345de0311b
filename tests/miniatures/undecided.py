"""Decides one choice in two ways."""

from base import reject, right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-above-limit":
        return reject("too long")
    return right(request)


serve(answer)
