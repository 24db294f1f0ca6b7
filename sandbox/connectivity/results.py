"""What came of a case. What is played may differ (sandbox.check has cases of its own); how it is told does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sandbox.connectivity.diagnosis import Diagnosis


class Outcome(StrEnum):
    PASS = "PASS"
    FAIL = "FAIL"
    SKIP = "SKIP"


class PlayedSection(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def route(self) -> str: ...


class PlayedCase(Protocol):
    @property
    def number(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def expected(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class Result:
    """`got` is empty where nothing was sent; `detail` says what is wrong with an answer, or why there is none."""

    section: PlayedSection
    case: PlayedCase
    outcome: Outcome
    got: str = ""
    ms: int | None = None
    detail: str = ""
    diagnosis: Diagnosis | None = None


def count(results: Sequence[Result], outcome: Outcome) -> int:
    return sum(result.outcome is outcome for result in results)
