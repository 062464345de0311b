"""Of the installed package. `chunkproof run` and the packages of other languages judge judging.json in the same way."""

import contextlib
import json
from pathlib import Path

import pytest

import chunkproof_vectors as vectors
from chunkproof_vectors._cases import index
from chunkproof_vectors._judge import _Answer, _pattern, difference
from chunkproof_vectors._notation import decode, encode

SCENARIOS = json.loads((Path(__file__).parents[2] / "judging.json").read_text("utf-8"))


def test_every_case_of_the_index_is_typed():
    found = {case.id: case for op in vectors.OPS for case in vectors.cases(op)}
    assert found.keys() == index().keys()
    for case in found.values():
        assert (case.op, case.severity) == (index()[case.id]["op"], index()[case.id]["severity"])
        assert (case.twin is not None) == (case.expect.verdict == "invalid")
        assert case.raw_input.keys() <= vars(case.input).keys(), case.id
        assert case.expect.output is None or encode(case.output) == encode(case.expect.output), case.id
        assert encode(case.readings) == encode(case.expect.readings), case.id


def test_lists_are_read():
    for rows in (vectors.rules(), vectors.choices(), vectors.tags(), vectors.bugs(), vectors.tombstones()):
        assert rows and all(row.id for row in rows)


class Scripted(vectors.Judge):
    """Gives the answers of a scenario: of a valid case the default is the right output, of others a rejection."""

    def __init__(self, scenario):
        operations = {op: vectors.Operation(len, dialects) for op, dialects in scenario["ops"].items()}
        super().__init__(vectors.Implementation(operations, choices=scenario.get("choices")))
        self._answers = scenario.get("answers", {})

    def _answer(self, operation, case):
        kind = self._answers.get(case.id, "accept" if case.expect.verdict == "valid" else "reject")
        kind, _, reading = kind.partition(":")
        if kind == "reading":
            return _Answer("accept", encode(case.expect.readings[reading]))
        output = {"wrong": "output"} if kind == "accept-wrongly" else encode(case.expect.output)
        return _Answer("accept" if kind == "accept-wrongly" else kind, output)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
def test_answers_are_judged_as_the_runner_does(scenario):
    judge = Scripted(scenario)
    for case in judge.cases():
        names = (case.id, f"twin:{case.twin_id}", f"choice:{case.expect.choice}")
        usual = "strict" if case.expect.verdict == "either" else "pass"
        expected = next((result for name in names if (result := scenario.get("results", {}).get(name))), usual)
        if not set(case.dialects) & set(scenario["ops"][case.op]):
            expected = "unsupported"
        assert (case.id, judge.judge(case)[0].value) == (case.id, expected)


def test_an_exception_that_is_no_rejection_is_a_crash():
    def footer(value):
        if value.blob_size > 2**40:
            raise vectors.Decline("large")
        if len(value.tail) < 40:
            raise vectors.Rejection("short")
        raise IndexError("a mistake")

    judge = vectors.Judge(vectors.Implementation({"footer/parse": vectors.Operation(footer)}))
    result, note = judge.judge(vectors.find("footer/v64"))
    assert result is vectors.Result.CRASH and "IndexError: a mistake" in note
    assert judge.judge(vectors.find("footer/blob-empty"))[0] is vectors.Result.VACUOUS


@pytest.mark.parametrize(
    "notation, expected",
    [
        ({"text": "a\0"}, b"a\0"),
        ({"hex": "00ff"}, b"\x00\xff"),
        ({"base64": "AP8="}, b"\x00\xff"),
        ("AP8=", b"\x00\xff"),
        ({"parts": [{"base64": "YQ==", "times": "2"}, {"base64": "Yg==", "times": "2", "number": "9", "then": "Yw=="}]}, b"aab9cb10c"),
    ],
)
def test_bytes_in_every_notation(notation, expected):
    assert decode(bytes, notation) == expected


def test_what_is_not_known_is_not_judged():
    judge = vectors.Judge(vectors.Implementation({"footer/parse": vectors.Operation(lambda value: value)}))
    good = {"tail": {"hex": ""}, "blob_size": "0", "later": 1}
    for name, value, expect in [
        ("a/verdict", good, vectors.Expect("later", output={})),
        ("a/no-output", good, vectors.Expect("either", "x")),
        ("a/notation", {**good, "tail": {"morse": ""}}, vectors.Expect("invalid")),
    ]:
        case = vectors.Case(name, "", "", [], ["g9"], value, expect, {}, "footer/parse", "")
        assert judge.judge(case)[0] is vectors.Result.NOT_JUDGED, name


@pytest.mark.parametrize("decision, known", [("accept", True), ("reject", True), ("posix", True), ("bits-32", False)])
def test_a_declared_decision_is_one_of_its_choice(decision, known):
    implementation = vectors.Implementation({}, choices={"tar-global-records": decision})
    with contextlib.nullcontext() if known else pytest.raises(ValueError, match="no reading"):
        vectors.Judge(implementation)


@pytest.mark.parametrize(
    "glob, id, matches", [("a/*", "a/b", True), ("*", "a/b", False), ("**", "a/b", True), ("a/b", "a/bc", False), ("a/b.", "a/bc", False)]
)
def test_patterns_stop_at_a_slash(glob, id, matches):
    assert bool(_pattern(glob).fullmatch(id)) == matches


def test_differences_are_found():
    output = vectors.FooterOutput("v64", vectors.Position(0, 0, 0), vectors.Position(1, 2, 3))
    other = vectors.FooterOutput("v64", vectors.Position(0, 0, 0), vectors.Position(1, 2, 4))
    assert difference("", encode(output), encode(other)) == '/tar_split/uncompressed: found "3", expected "4"'
    assert encode({"a": None, "b": [], "c": {"d": {}}, "e": [{"f": None}], "g": ""}) == {"e": [{}], "g": ""}


def test_expectations_need_a_case_and_a_reason():
    for expected in ({"footer/no-such-case": "reason"}, {"footer/*": ""}):
        with pytest.raises(ValueError, match="expected failure"):
            vectors.Judge(vectors.Implementation({"footer/parse": vectors.Operation(lambda value: value)}, expected_failures=expected))
