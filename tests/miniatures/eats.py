"""Takes more and more memory in one case."""

from base import right, serve


def answer(request):
    eaten = []
    while request["case"] == "footer/v64-toc-minus-8":
        eaten.append(bytearray(b"x") * (16 << 20))
    return right(request)


serve(answer)
