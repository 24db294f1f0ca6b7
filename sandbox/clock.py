"""The sandbox's own time, which tests and demonstrations may move: trips expire by it, refunds lapse by it."""

from datetime import UTC, datetime, timedelta


class Clock:
    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def move_to_offset(self, seconds: float) -> None:
        """Counted from the true time, not from an earlier offset."""
        self._offset = timedelta(seconds=seconds)
