"""The protocol of chunkproof for adapters in Python, in one file without dependencies.

    from chunkproof_adapter import Adapter, tar

    adapter = Adapter("example", "1.2.3")

    @adapter.operation("layer/decompress", ["g1", "g2", "g3", "g4", "g5"], rejects=example.Error)
    def decompress(input):
        return tar(example.decompress(input["blob"]))

    adapter.run()

A function gets the input of its operation, in which bytes are `bytes` and `blob_size` is an `int`. What it returns is the output:
`bytes` and `int` in it are written as the protocol writes them. To reject it raises `Reject`, or an exception of the types in
`rejects`; to decline it raises `Decline`, and `Unsupported` where the implementation cannot do this. Every other exception ends the
process: a crash is a crash, and never a rejection. What is printed goes to stderr, since stdout has nothing but answers.

docs/protocol.md describes operations, inputs and outputs. Python 3.8 or later.
"""

import base64
import hashlib
import json
import os
import sys

PROTOCOL = 0
"""The version of the protocol."""


class Reject(Exception):
    """The input is refused. `rule` is the id of the rule that is broken, where it is known."""

    def __init__(self, message="", rule=None):
        super().__init__(message)
        self.rule = rule


class Decline(Exception):
    """The implementation would download the layer in full."""


class Unsupported(Exception):
    """The implementation cannot do this, although it declares the operation."""


class Adapter:
    """An implementation under test: what it is, and a function for each operation.

    `choices`, `lacks` and `rules` are those of the handshake.
    """

    def __init__(self, name, version, language="python", *, choices=None, lacks=None, rules=False):
        self.hello = {"chunkproof": PROTOCOL, "name": name, "version": version, "language": language, "ops": {}}
        optional = {"choices": choices, "lacks": lacks, "rules": rules}
        self.hello.update((key, value) for key, value in optional.items() if value)
        self.operations = {}

    def operation(self, op, dialects, *, rejects=()):
        """Declares an operation in these dialects, as a decorator of its function. `rejects` are one or more types of exceptions."""
        rejects = rejects if isinstance(rejects, tuple) else (rejects,)

        def declare(function):
            self.hello["ops"][op] = list(dialects)
            self.operations[op] = function, rejects
            return function

        return declare

    def run(self):
        """Answers requests until the end of the input."""
        answers = _only_answers_on_stdout()
        while request := _next_request():
            answer = {"seq": request["seq"], **self._answer(request)}
            answers.write(json.dumps(answer).encode() + b"\n")
            answers.flush()

    def _answer(self, request):
        op = request["op"]
        if op == "hello":
            return {"hello": self.hello}
        if op not in self.operations:
            return {"unsupported": {"message": op}}
        function, rejects = self.operations[op]
        try:
            # A large input is in memory once: the request loses it before the function runs.
            return {"accept": _to_wire(function(_from_wire(request.pop("input"))))}
        except Reject as error:
            named = {"rule": error.rule} if error.rule else {}
            return {"reject": {"message": str(error), **named}}
        except Decline as error:
            return {"decline": {"message": str(error)}}
        except Unsupported as error:
            return {"unsupported": {"message": str(error)}}
        except rejects as error:
            return {"reject": {"message": str(error) or type(error).__name__}}


def tar(*parts):
    """The output for a tar: digest and size of its parts, each `bytes` or an iterable of `bytes`."""
    sha256, size = hashlib.sha256(), 0
    for part in parts:
        for piece in [part] if isinstance(part, (bytes, bytearray, memoryview)) else part:
            sha256.update(piece)
            size += len(piece)
    return {"sha256": sha256.hexdigest(), "size": size}


def _next_request():
    line = sys.stdin.buffer.readline()
    return json.loads(line) if line else None


def _only_answers_on_stdout():
    """Stdout for answers alone. What else is written there, also by libraries in C, goes to stderr from here on."""
    sys.stdout.flush()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answers


def _from_wire(value, key=None):
    if isinstance(value, dict):
        # Keys of annotations are names of others, and one may be `base64`.
        if key == "annotations":
            return value
        if list(value) == ["base64"]:
            return base64.b64decode(value["base64"], validate=True)
        return {key: _from_wire(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_from_wire(item) for item in value]
    return int(value) if key == "blob_size" else value


def _to_wire(value):
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, dict):
        return {key: _to_wire(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_to_wire(item) for item in value]
    return value
