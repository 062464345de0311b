"""Answers when its input has ended, which is never."""

import json
import sys

from base import HELLO, right, send

for line in sys.stdin.read().splitlines():
    request = json.loads(line)
    send({"seq": request["seq"], **({"hello": HELLO} if request["op"] == "hello" else right(request))})
