from chunkproof_adapter import Adapter, Decline, Reject, Unsupported, tar

adapter = Adapter("mirror", "1")


class Own(Exception):
    pass


@adapter.operation("layer/decompress", ["g4", "g5"])
def decompress(input):
    print("junk")
    return tar(input["blob"][:10], [input["blob"][10:]])


@adapter.operation("footer/parse", ["g5"])
def footer(input):
    return {"tail": input["tail"], "size": input["blob_size"], "list": [None, True]}


@adapter.operation("annotations/parse", ["g5"], rejects=Own)
def annotations(input):
    if "own" in input["annotations"]:
        raise Own(input["annotations"]["own"])
    raise Reject(input["annotations"]["base64"], rule="ANN-01")


@adapter.operation("toc/parse", ["g5"])
def toc(input):
    raise {"g1": Decline, "g2": Unsupported}[input["dialect"]](input["dialect"])


@adapter.operation("tarsplit/assemble", ["g5"])
def assemble(input):
    return {"files": [part for file in input["files"] for part in (file["name"], file["content"])]}


@adapter.operation("layer/index", ["g5"])
def index(input):
    raise KeyError("no rejection")


adapter.run()
