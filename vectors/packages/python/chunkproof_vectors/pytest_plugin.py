"""The pytest plugin: `@pytest.mark.chunkproof(implementation)` gives a test the argument `vector`, once for each case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from ._cases import OPS, Case, count
from ._judge import Implementation, Judge

_COUNTS = pytest.StashKey[Counter[str]]()


class Vector:
    """A case beside the implementation."""

    def __init__(self, judge: Judge, case: Case, counts: Counter[str]):
        self.case = case
        self._judge = judge
        self._counts = counts

    def check(self) -> None:
        """Ends the test by the result. A case that does not apply or earns no credit is skipped with the reason."""
        result, note = self._judge.judge(self.case)
        self._counts[result.value] += 1
        reason = self._judge.expected_failure(self.case)
        if result.is_failure and reason:
            pytest.xfail(f"{result.value}: {reason}")
        elif result.is_failure:
            case = self.case
            pytest.fail(
                f"{result.value}: {note}\ntitle: {case.title}\nwhy: {case.why}\nrules: {' '.join(case.rules)}\n"
                f"twin: {case.twin_id}\nchange: {case.change}",
                pytrace=False,
            )
        elif reason and result.value not in ("unsupported", "not-judged"):
            pytest.fail(f"{result.value}: failure is expected and did not happen, {reason}", pytrace=False)
        elif not result.is_credited:
            pytest.skip(f"{result.value}: {note}")


class _Missing:
    """An operation that is not implemented."""

    def __init__(self, op: str):
        self._op = op

    def check(self) -> None:
        pytest.skip(f"{self._op} is not implemented: {count(self._op)} cases are not asked")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "chunkproof(implementation): run the test for each case, as the argument `vector`")
    config.stash[_COUNTS] = Counter()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("chunkproof")
    if marker is None:
        return
    [implementation] = marker.args
    vectors = dict(_vectors(implementation, metafunc.config.stash[_COUNTS]))
    metafunc.parametrize("vector", vectors.values(), ids=vectors.keys())


def _vectors(implementation: Implementation, counts: Counter[str]) -> Iterator[tuple[str, Vector | _Missing]]:
    judge = Judge(implementation)
    for case in judge.cases():
        yield case.id, Vector(judge, case, counts)
    for op in OPS:
        if op not in implementation.operations:
            yield op, _Missing(op)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if counts := config.stash[_COUNTS]:
        results = ", ".join(f"{number} {result}" for result, number in sorted(counts.items()))
        terminalreporter.write_line(f"chunkproof: {results}")
