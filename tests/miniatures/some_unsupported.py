"""Declares an operation and then cannot do it in the invalid cases."""

from base import right, serve


def answer(request):
    answer = right(request)
    return {"unsupported": {"message": "not that"}} if "reject" in answer else answer


serve(answer)
