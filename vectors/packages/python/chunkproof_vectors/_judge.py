"""From answers to results, as chunkproof run judges them."""

from __future__ import annotations

import itertools
import json
import re
import time
import traceback
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from ._cases import OPS, Case, cases, choices
from ._notation import NotKnown, encode


class Rejection(Exception):
    """The implementation rejects the input."""


class Decline(Exception):
    """The implementation falls back to a full download."""


class Result(Enum):
    """The result of a case, by the names of docs/protocol.md."""

    PASS = "pass"
    """Accepted with the right output, or rejected rightly."""
    LENIENT = "lenient"
    """An either case, accepted with a right output."""
    STRICT = "strict"
    """An either case, rejected or declined."""
    DECLINED = "declined"
    """A valid case, declined: no credit, no failure."""
    VACUOUS = "vacuous"
    """Rejected, but the twin is not accepted: no credit, no failure."""
    UNSUPPORTED = "unsupported"
    """Not asked, since the operation has none of the dialects."""
    NOT_JUDGED = "not-judged"
    """This version of the package cannot judge the case."""
    WRONG_VERDICT = "wrong-verdict"
    """A valid case rejected, or an invalid one accepted."""
    WRONG_OUTPUT = "wrong-output"
    """Accepted with another output."""
    CHOICE_CONFLICT = "choice-conflict"
    """A choice decided in another way than declared or elsewhere."""
    CRASH = "crash"
    """An exception that is no rejection."""
    TIMEOUT = "timeout"
    """Answered after the time that the case allows."""

    @property
    def is_failure(self) -> bool:
        """Whether the implementation is wrong."""
        return self in (Result.WRONG_VERDICT, Result.WRONG_OUTPUT, Result.CHOICE_CONFLICT, Result.CRASH, Result.TIMEOUT)

    @property
    def is_credited(self) -> bool:
        """Whether the case counts as passed."""
        return self in (Result.PASS, Result.LENIENT, Result.STRICT)


@dataclass(frozen=True)
class Operation:
    """A function from input to output, and the dialects that it knows, all of them if none is named."""

    function: Callable[[typing.Any], typing.Any]
    dialects: Iterable[str] | None = None


@dataclass(frozen=True)
class Implementation:
    """What is under test."""

    operations: Mapping[str, Operation]
    rejects: type[Exception] | tuple[type[Exception], ...] = Rejection
    """The exceptions that are rejections. `Decline` declines, and every other one is a crash."""
    choices: Mapping[str, str] | None = None
    """Declared choices, each "accept", "reject" or the name of a reading that the choice has. One that is not declared has to be decided the same way in all its cases."""
    expected_failures: Mapping[str, str] | None = None
    """Reasons of known failures by patterns of ids, in which * stops at a slash and ** does not."""


@dataclass(frozen=True)
class _Answer:
    kind: typing.Literal["accept", "reject", "decline", "crash", "none"]
    output: typing.Any = None
    message: str = ""
    seconds: float = 0.0


_NONE = _Answer("none")


@dataclass(frozen=True)
class _Judged:
    """The result of a case without its twin and the others of its choice."""

    answer: _Answer
    result: Result
    note: str
    decisions: tuple[str, ...] = ()
    """Those that the answer to an either case fits."""


class Judge:
    """The results of an implementation. It asks when a result is needed, and once for each case."""

    def __init__(self, implementation: Implementation):
        unknown = set(implementation.operations) - set(OPS)
        known = {choice.id: {"accept", "reject", *choice.readings} for choice in choices()}
        unknown |= set(implementation.choices or {}) - known.keys()
        if unknown:
            raise ValueError(f"unknown operations or choices: {', '.join(sorted(unknown))}")
        for choice, decision in (implementation.choices or {}).items():
            if decision not in known[choice]:
                raise ValueError(f"the choice {choice} has no reading {decision!r}")
        self._implementation = implementation
        self._asked: dict[str, _Judged] = {}
        self._either: dict[str, list[Case]] = {}
        for case in self.cases():
            if case.expect.choice:
                self._either.setdefault(case.expect.choice, []).append(case)
        expected = implementation.expected_failures or {}
        self._patterns = [(_pattern(glob), reason) for glob, reason in expected.items()]
        for glob, reason in expected.items():
            if not reason:
                raise ValueError(f"the expected failure {glob!r} has no reason")
            if not any(_pattern(glob).fullmatch(case.id) for case in self.cases()):
                raise ValueError(f"the expected failure {glob!r} matches no case of the operations")

    def cases(self) -> Iterable[Case]:
        """The cases of the operations that are implemented."""
        return (case for op in OPS if op in self._implementation.operations for case in cases(op))

    def expected_failure(self, case: Case) -> str | None:
        """The reason why the case is known to fail."""
        return next((reason for pattern, reason in self._patterns if pattern.fullmatch(case.id)), None)

    def judge(self, case: Case) -> tuple[Result, str]:
        """The result of a case, and what there is to say about it."""
        own = self._alone(case)
        if own.result is Result.PASS and case.twin and self._alone(case.twin).answer.kind != "accept":
            cause = f"the twin {case.twin_id} is not accepted, so the rejection shows nothing"
            return Result.VACUOUS, f"{cause}: {own.answer.message}"
        if own.result in (Result.LENIENT, Result.STRICT):
            fitting, source = self._decided(case)
            if source and not set(fitting) & set(own.decisions):
                here, elsewhere = " or ".join(own.decisions), " or ".join(fitting)
                note = f"the choice {case.expect.choice} is decided as {here} here, while {source} {elsewhere}"
                return Result.CHOICE_CONFLICT, note
        return own.result, own.note

    def _decided(self, case: Case) -> tuple[tuple[str, ...], str]:
        """The decisions of a choice that fit what is declared, or else the cases before this one, and what shows them first.

        An answer that several readings give leaves open which one it is.
        """
        choice = case.expect.choice
        if declared := (self._implementation.choices or {}).get(choice):
            return (declared,), "the implementation declares"
        fitting: tuple[str, ...] = ()
        source = ""
        for earlier in itertools.takewhile(lambda earlier: earlier.id != case.id, self._either[choice]):
            found = self._alone(earlier)
            if found.result not in (Result.LENIENT, Result.STRICT):
                continue
            if not source:
                fitting, source = found.decisions, f"{earlier.id} shows"
            else:
                fitting = tuple(decision for decision in fitting if decision in found.decisions) or fitting
        return fitting, source

    def _alone(self, case: Case) -> _Judged:
        if case.id not in self._asked:
            self._asked[case.id] = self._ask(case)
        return self._asked[case.id]

    def _ask(self, case: Case) -> _Judged:
        operation = self._implementation.operations.get(case.op)
        if operation is None:
            return _Judged(_NONE, Result.UNSUPPORTED, f"{case.op} is not implemented")
        if operation.dialects is not None and not set(operation.dialects) & set(case.dialects):
            return _Judged(_NONE, Result.UNSUPPORTED, f"none of the dialects {', '.join(case.dialects)}")
        verdict = case.expect.verdict
        if verdict != "invalid" and (verdict not in ("valid", "either") or case.expect.output is None):
            return _Judged(_NONE, Result.NOT_JUDGED, f"verdict {verdict} is not known in this form")
        try:
            answer = self._answer(operation, case)
        except NotKnown as error:
            return _Judged(_NONE, Result.NOT_JUDGED, str(error))
        decisions = _decisions(case, answer)
        result, note = _verdict(case, answer, decisions)
        if case.limits and not result.is_failure and answer.seconds > case.limits.seconds:
            note = f"took {answer.seconds:.1f} s, the limit is {case.limits.seconds} s"
            return _Judged(_Answer("crash"), Result.TIMEOUT, note)
        return _Judged(answer, result, note, decisions)

    def _answer(self, operation: Operation, case: Case) -> _Answer:
        value = case.input
        start = time.monotonic()
        try:
            output = encode(operation.function(value))
        except Decline as error:
            return _Answer("decline", message=str(error), seconds=time.monotonic() - start)
        except self._implementation.rejects as error:
            return _Answer("reject", message=str(error), seconds=time.monotonic() - start)
        except KeyboardInterrupt:
            raise
        except BaseException:
            return _Answer("crash", message=traceback.format_exc())
        return _Answer("accept", output, seconds=time.monotonic() - start)


def _verdict(case: Case, answer: _Answer, decisions: tuple[str, ...]) -> tuple[Result, str]:
    verdict = case.expect.verdict
    if answer.kind == "crash":
        return Result.CRASH, answer.message
    if answer.kind == "accept":
        if verdict == "invalid":
            return Result.WRONG_VERDICT, f"accepted with {_short(answer.output)}"
        if decisions:
            return Result.LENIENT, ""
        if found := difference("", answer.output, encode(case.expect.output)):
            return Result.WRONG_OUTPUT, found
        return Result.PASS, ""
    if verdict == "invalid":
        return Result.PASS, answer.message
    if verdict == "either":
        return Result.STRICT, answer.message
    if answer.kind == "decline":
        return Result.DECLINED, answer.message
    return Result.WRONG_VERDICT, f"rejected: {answer.message}"


def _decisions(case: Case, answer: _Answer) -> tuple[str, ...]:
    """The decisions of the choice that the answer to an either case fits.

    There are several where readings agree about the case, and none where it is another answer.
    """
    expect = case.expect
    if expect.verdict != "either":
        return ()
    if answer.kind in ("reject", "decline"):
        return ("reject",)
    if answer.kind != "accept":
        return ()
    outputs = {"accept": expect.output, **expect.readings}
    return tuple(name for name, output in outputs.items() if answer.output == encode(output))


def difference(at: str, actual: typing.Any, expected: typing.Any) -> str:
    """The first place in which two values differ, as a JSON pointer with both values, or nothing."""
    if actual == expected:
        return ""
    pairs: Iterable[tuple[typing.Any, typing.Any, typing.Any]] = ()
    if isinstance(actual, dict) and isinstance(expected, dict):
        pairs = ((key, actual.get(key), expected.get(key)) for key in sorted(actual | expected))
    elif isinstance(actual, list) and isinstance(expected, list) and len(actual) == len(expected):
        pairs = ((number, *pair) for number, pair in enumerate(zip(actual, expected)))
    found = next(filter(None, (difference(f"{at}/{key}", one, other) for key, one, other in pairs)), "")
    return found or f"{at}: found {_short(actual)}, expected {_short(expected)}"


def _short(value: typing.Any) -> str:
    text = json.dumps(value, default=repr)
    return text if len(text) <= 300 else text[:300] + "..."


def _pattern(glob: str) -> re.Pattern[str]:
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part) or re.escape(part) for part in re.split(r"(\*\*|\*)", glob)))
