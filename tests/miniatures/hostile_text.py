"""Says what acts on a terminal wherever it can say something, and says much of it."""

import json
import sys

from base import accept, right, send

# The title of the window, a screen that is cleared, a colour, a forged line, C1, bidi and invisible characters.
ACTS = "\x1b]0;title\x07\x1b[2J\x1b[35m\r\nforged: valid\u009b35m\u007f\u202e\u2066\u200b\u2028\ufeff"
LONG = ACTS * 4000


def answer(request):
    sys.stderr.buffer.write((ACTS * 50).encode() + b"\xff\xfe\n")
    number = sum(request["input"]["tail"]["base64"].encode()) % 8
    if number == 0:
        return {"reject": {"message": LONG, "rule": LONG}}
    if number == 1:
        return {"decline": {"message": LONG}}
    if number == 2:
        return {"unsupported": {"message": ACTS}}
    if number == 3:
        return {ACTS: LONG}
    if number == 4:
        return {"accept": {ACTS: LONG}}
    if number == 5:
        output = accept((8, 1, 1), None)["accept"]
        output["layout"] = ACTS
        return {"accept": output}
    if number == 6:
        print(LONG, flush=True)
        sys.exit(3)
    return right(request)


def serve():
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "hello":
            if "--silent" in sys.argv:
                sys.stderr.buffer.write(LONG.encode())
                sys.exit(1)
            hello = {
                "name": ACTS + "n",
                "version": "1" + LONG,
                "language": ACTS,
                "ops": ["footer/parse"],
                "dialects": ["g4", "g5"],
            }
            if "--unknown" in sys.argv:
                hello[LONG] = ACTS
            send({"seq": 0, "hello": hello})
        else:
            send({"seq": request["seq"], **answer(request)})


serve()
