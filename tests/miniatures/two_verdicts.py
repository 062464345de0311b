"""Accepts and rejects one case at once."""

from base import accept, reject, right, serve


def answer(request):
    if request["case"] == "footer/v64-toc-minus-8":
        return {**accept((100, 50, 90), None), **reject("no")}
    return right(request)


serve(answer)
