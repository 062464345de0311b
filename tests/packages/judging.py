"""An adapter that gives the answers of one scenario of vectors/packages/judging.json: python3 judging.py VECTORS NUMBER."""

import json
import os
import pathlib
import sys

vectors = pathlib.Path(sys.argv[1])
scenario = json.loads((vectors / "packages" / "judging.json").read_text("utf-8"))[int(sys.argv[2])]
cases = {}
for op in scenario["ops"]:
    file = json.loads((vectors / (op.replace("/", "-") + ".json")).read_text("utf-8"))
    cases.update({case["id"]: case for case in file["cases"]})

POSITION = {"offset": "1", "length": "1", "uncompressed": "1"}
WRONG = {
    "footer/parse": {"layout": "v40", "toc": POSITION, "tar_split": None},
    "tar/list": {"entries": []},
    "annotations/parse": {"index": "none", "toc_digest": None, "toc": None, "tar_split": None},
}


def answer(request):
    if request["op"] == "hello":
        hello = {"name": "judging", "version": "0", "language": "python", "ops": scenario["ops"]}
        return {"hello": {**hello, "choices": scenario.get("choices", {})}}
    expect = cases[request["case"]]["expect"]
    usual = "accept" if expect["verdict"] == "valid" else "reject"
    match scenario.get("answers", {}).get(request["case"], usual):
        case "accept":
            return {"accept": expect["output"]}
        case "accept-wrongly":
            return {"accept": WRONG[request["op"]]}
        case "crash":
            os.abort()
        case kind if kind.startswith("reading:"):
            return {"accept": expect["readings"][kind.removeprefix("reading:")]}
        case kind:
            return {kind: {"message": "no"}}


for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps({"seq": request["seq"], **answer(request)}), flush=True)
