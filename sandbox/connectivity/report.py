"""The results, for people and for machines."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill, shorten
from time import monotonic
from typing import Any, TextIO

from sandbox.connectivity.diagnosis import Diagnosis
from sandbox.connectivity.results import Outcome, PlayedCase, PlayedSection, Result, count

WIDTH = 100
ROW = "  {number:<7} {title:<46.46} {expected:<10} {got:<18.18} {ms:>6}  {outcome}"
CLEAR_LINE = "\r\x1b[K"


class Progress:
    """One line that says what is being played; only for a terminal."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._is_shown = output.isatty()

    def show(self, section: PlayedSection, case: PlayedCase) -> None:
        if self._is_shown:
            self._output.write(f"{CLEAR_LINE}  … {section.name} {case.number} {case.title}")
            self._output.flush()

    def clear(self) -> None:
        if self._is_shown:
            self._output.write(CLEAR_LINE)
            self._output.flush()


@dataclass(frozen=True)
class Report:
    """`target` says in the JSON whom the cases were played against."""

    heading: str
    target: Mapping[str, str]
    output: TextIO
    progress: Progress
    as_json: bool

    def write(self, played: Iterable[Result]) -> bool:
        """Row by row, as they come. Whether nothing failed."""
        results: list[Result] = []
        began = monotonic()
        self._say(self.heading)
        for result in played:
            self.progress.clear()
            if not results or results[-1].section is not result.section:
                self._say(section_heading(result.section))
            self._say(row(result))
            results.append(result)
        self._say(summary(results, monotonic() - began))
        if self.as_json:
            self.output.write(f"{as_json(self.target, results)}\n")
        return count(results, Outcome.FAIL) == 0

    def _say(self, text: str) -> None:
        if not self.as_json:
            self.output.write(f"{text}\n")
            self.output.flush()


def section_heading(section: PlayedSection) -> str:
    columns = ROW.format(number="no.", title="what", expected="expected", got="got", ms="ms", outcome="").rstrip()
    return f"\n{section.title}  POST {section.route}\n{columns}"


def row(result: Result) -> str:
    case = result.case
    line = ROW.format(
        number=case.number,
        title=case.title,
        expected=" or ".join(map(str, case.expected)),
        got=result.got,
        ms="" if result.ms is None else result.ms,
        outcome=result.outcome,
    )
    return f"{line}\n{' ' * 10}{shorten(result.detail, 400, placeholder='…')}" if result.detail else line


def summary(results: Sequence[Result], seconds: float) -> str:
    passed, failed, skipped = (count(results, outcome) for outcome in Outcome)
    slowest = max(results, key=lambda result: result.ms or 0)
    text = f"\n{passed} passed, {failed} failed, {skipped} skipped in {seconds:.1f} s."
    if slowest.ms is not None:
        text += f" The slowest call took {slowest.ms} ms ({slowest.section.name} {slowest.case.number})."
    return text + explanations(results)


def explanations(results: Sequence[Result]) -> str:
    """Each cause once, with its cure and the cases that show it."""
    found: dict[Diagnosis, list[str]] = {}
    for result in results:
        if result.diagnosis:
            found.setdefault(result.diagnosis, []).append(f"{result.section.name} {result.case.number}")
    if not found:
        return ""
    return "\n\nWhat went wrong, and what helps:" + "".join(_explanation(*each) for each in found.items())


def as_json(target: Mapping[str, str], results: Sequence[Result]) -> str:
    passed, failed, skipped = (count(results, outcome) for outcome in Outcome)
    totals = {"passed": passed, "failed": failed, "skipped": skipped}
    return json.dumps({**target, **totals, "cases": [_record(result) for result in results]}, indent=2)


def _explanation(diagnosis: Diagnosis, cases: list[str]) -> str:
    shown = ", ".join(cases[:6]) + (f" and {len(cases) - 6} more" if len(cases) > 6 else "")
    lines = (f"Seen in {shown}.", f"Cause: {diagnosis.cause}", f"Cure: {diagnosis.cure}")
    paragraphs = (fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ") for line in lines)
    return "\n\n" + "\n".join(paragraphs)


def _record(result: Result) -> dict[str, Any]:
    return {
        "section": result.section.name,
        "number": result.case.number,
        "title": result.case.title,
        "route": result.section.route,
        "expected": list(result.case.expected),
        "got": result.got,
        "ms": result.ms,
        "outcome": str(result.outcome),
        "detail": result.detail,
        "cause": result.diagnosis.cause if result.diagnosis else "",
        "cure": result.diagnosis.cure if result.diagnosis else "",
    }
