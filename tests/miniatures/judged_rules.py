"""Declares that its rules are judged, and names the right one in one case and a wrong one in the other."""

from base import HELLO, right, serve


def answer(request):
    answer = right(request)
    if "reject" in answer:
        answer["reject"]["rule"] = "FTR-05" if request["case"] == "footer/v64-toc-minus-8" else "TAR-01"
    return answer


serve(answer, {**HELLO, "rules": True})
