"""Exits after each answer, as if all were well."""

import json
import os
import sys

from base import HELLO, right, send

for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "hello":
        send({"seq": 0, "hello": HELLO})
    else:
        send({"seq": request["seq"], **right(request)})
        os._exit(0)
