"""Accepts the valid cases with an output in which a key is there twice, the right value first."""

import json
import sys

from base import HELLO, right, send

for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "hello":
        send({"seq": 0, "hello": HELLO})
    else:
        answer = json.dumps({"seq": request["seq"], **right(request)})
        print(answer.replace('"offset": "701641"', '"offset": "7", "offset": "701641"'), flush=True)
