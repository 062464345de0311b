"""The cases and the lists beside them."""

from __future__ import annotations

import functools
import json
import typing
from dataclasses import dataclass, field

from . import _types as types
from ._notation import DATA, decode

SCHEMA = 1
"""The version of the shape of the files that this package reads."""

_TYPES: dict[str, tuple[type, type]] = {
    "footer/parse": (types.FooterInput, types.FooterOutput),
    "annotations/parse": (types.AnnotationsInput, types.AnnotationsOutput),
    "toc/parse": (types.TocInput, types.TocOutput),
    "tarsplit/parse": (types.TarSplitInput, types.TarSplitOutput),
    "tarsplit/assemble": (types.AssembleInput, types.TarOutput),
    "tarsplit/disassemble": (types.TarInput, types.TarOutput),
    "layer/decompress": (types.DecompressInput, types.TarOutput),
    "layer/index": (types.IndexInput, types.IndexOutput),
    "layer/reconstruct": (types.ReconstructInput, types.ReconstructOutput),
    "layer/write": (types.TarInput, types.TarOutput),
    "estargz/footer": (types.EStargzFooterInput, types.EStargzFooterOutput),
    "estargz/toc": (types.EStargzTocInput, types.EStargzTocOutput),
    "tar/list": (types.TarInput, types.TreeOutput),
}

OPS: tuple[str, ...] = tuple(_TYPES)
"""The operations in the order of the set."""


@dataclass(frozen=True)
class Limits:
    """What an answer may take."""

    seconds: float
    """From the question to the answer. Judging compares them."""
    memory: int
    """Bytes. This package does not measure it; chunkproof run does."""


@dataclass(frozen=True)
class Expect:
    """What to answer."""

    verdict: str
    """valid, invalid or either."""
    choice: str = ""
    """The name of the choice of an either case."""
    output: typing.Any = None
    """What those who accept answer, as JSON; `Case.output` is typed."""
    readings: dict[str, typing.Any] = field(default_factory=dict)
    """Further right outputs of an either case, by the names of readings; `Case.readings` is typed."""


@dataclass(frozen=True)
class Case:
    """A test case."""

    id: str
    title: str
    why: str
    rules: list[str]
    dialects: list[str]
    raw_input: typing.Any
    """The input as JSON; `input` is typed."""
    expect: Expect
    provenance: dict[str, typing.Any]
    op: str
    severity: str
    tags: list[str] = field(default_factory=list)
    twin_id: str | None = None
    change: str = ""
    limits: Limits | None = None

    @property
    def input(self) -> typing.Any:
        """The input, of the type of the operation. Large ones are made anew each time."""
        return decode(_TYPES[self.op][0], self.raw_input)

    @property
    def output(self) -> typing.Any:
        """What those who accept answer, of the type of the operation; None of an invalid case."""
        return None if self.expect.output is None else decode(_TYPES[self.op][1], self.expect.output)

    @property
    def readings(self) -> dict[str, typing.Any]:
        """Further right outputs of an either case, of the type of the operation, by the names of readings."""
        return {name: decode(_TYPES[self.op][1], output) for name, output in self.expect.readings.items()}

    @property
    def twin(self) -> Case | None:
        """The accepted case from which an invalid one differs by one change."""
        return find(self.twin_id) if self.twin_id else None


@dataclass(frozen=True)
class Rule:
    """A rule of the format."""

    id: str
    level: str
    severity: str
    text: str


@dataclass(frozen=True)
class Choice:
    """A point on which readers may differ."""

    id: str
    accept: str
    reject: str
    reference: str
    readings: dict[str, str] = field(default_factory=dict)
    """What those do who accept and read the input in another way, by the names of readings."""


@dataclass(frozen=True)
class Tag:
    """A label of cases."""

    id: str
    text: str


@dataclass(frozen=True)
class Bug:
    """A bug that released implementations had."""

    id: str
    implementation: str
    last: str
    fixed: str | None
    text: str
    links: list[str]


@dataclass(frozen=True)
class Tombstone:
    """A case that was retired."""

    id: str
    reason: str
    replaced_by: str | None


def rules() -> list[Rule]:
    """The rules in the order of the specification."""
    return decode(list[Rule], _read("rules"))


def choices() -> list[Choice]:
    """The choices that the format leaves to a reader."""
    return decode(list[Choice], _read("choices"))


def tags() -> list[Tag]:
    """The labels of cases."""
    return decode(list[Tag], _read("tags"))


def bugs() -> list[Bug]:
    """Bugs that released implementations had."""
    return decode(list[Bug], _read("bugs"))


def tombstones() -> list[Tombstone]:
    """The cases that were retired."""
    return decode(list[Tombstone], _read("tombstones"))


@functools.cache
def cases(op: str) -> tuple[Case, ...]:
    """The cases of an operation in the order of their ids."""
    if op not in OPS:
        raise ValueError(f"no operation is called {op!r}")
    file = _read(op.replace("/", "-"))
    if file["schema"] != SCHEMA:
        raise ValueError(f"{op}: schema {file['schema']}, expected {SCHEMA}")
    return tuple(_case(op, case) for case in file["cases"])


def find(id: str) -> Case:
    """The case with this id."""
    return _by_id(index()[id]["op"])[id]


@functools.cache
def _by_id(op: str) -> dict[str, Case]:
    return {case.id: case for case in cases(op)}


@functools.cache
def index() -> dict[str, dict[str, typing.Any]]:
    """The lines of index.json by their ids."""
    return {line["id"]: line for line in _read("index")}


def count(op: str) -> int:
    """How many cases an operation has, without reading them."""
    return sum(line["op"] == op for line in index().values())


def _case(op: str, case: dict[str, typing.Any]) -> Case:
    return Case(
        id=case["id"],
        title=case["title"],
        why=case["why"],
        rules=case["rules"],
        dialects=case["dialects"],
        raw_input=case["input"],
        expect=decode(Expect, case["expect"]),
        provenance=case["provenance"],
        op=op,
        severity=index()[case["id"]]["severity"],
        tags=case.get("tags", []),
        twin_id=case.get("twin"),
        change=case.get("change", ""),
        limits=decode(Limits | None, case.get("limits")),
    )


def _read(stem: str) -> typing.Any:
    return json.loads((DATA / f"{stem}.json").read_text("utf-8"))
