"""Is off by one in every length of a TOC."""

from base import right, serve


def answer(request):
    answer = right(request)
    if "accept" in answer:
        toc = answer["accept"]["toc"]
        toc["length"] = str(int(toc["length"]) + 1)
    return answer


serve(answer)
