"""Accepts the valid cases with an output of a shape that does not exist."""

from base import right, serve


def answer(request):
    answer = right(request)
    if "accept" in answer:
        answer["accept"]["footer"] = "yes"
    return answer


serve(answer)
