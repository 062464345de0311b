"""Writes to a file what it finds: files where it works, the ids of cases, variables that name a folder."""

import json
import os
import sys

from base import right, serve


def answer(request):
    seen = {
        "files": os.listdir("."),
        "case": request.get("case"),
        "variables": {key: os.environ.get(key) for key in ("PWD", "OLDPWD", "CARGO_MANIFEST_DIR", "_", "KEPT")},
        "folder": os.getcwd(),
    }
    with open(sys.argv[1], "a") as file:
        print(json.dumps(seen), file=file)
    return right(request)


serve(answer)
