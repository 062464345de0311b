"""Says what a runner of GitHub Actions acts on, wherever it can say something."""

import sys

from base import HELLO, serve

TEXT = "::error title=forged::\n::add-mask::v\n##[error]forged"


def answer(_):
    print(TEXT, file=sys.stderr, flush=True)
    return {"reject": {"message": TEXT, "rule": TEXT}}


serve(answer, {**HELLO, "name": "::stop-commands::x", "version": TEXT})
