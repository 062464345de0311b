"""Answers one case without a line feed, and exits as if all were well."""

import json
import os
import sys

from base import HELLO, right, send

for line in sys.stdin:
    request = json.loads(line)
    answer = {"seq": request["seq"], **({"hello": HELLO} if request["op"] == "hello" else right(request))}
    if request.get("case") == "footer/v64-toc-minus-8":
        sys.stdout.write(json.dumps(answer))
        sys.stdout.flush()
        os._exit(0)
    send(answer)
