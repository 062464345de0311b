"""Names a rule in every rejection, mostly the wrong one."""

from base import right, serve


def answer(request):
    answer = right(request)
    if "reject" in answer:
        answer["reject"]["rule"] = "TAR-01"
    return answer


serve(answer)
