"""The sandbox's own doors, unsigned and for this machine only: stage trips, order faults, move time, read the books."""

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote

from sandbox import wire
from sandbox.answers import Answer, json_answer, missing_token
from sandbox.books import Books
from sandbox.books_page import books_page
from sandbox.books_view import detail, summary
from sandbox.clock import Clock
from sandbox.faults import FaultBook, read_fault
from sandbox.staging import StagingError, stage

BOOKS_OF_TRIP = "/books/"
FARTHEST_OFFSET = 10 * 365 * 24 * 3600


class Control:
    def __init__(self, books: Books, clock: Clock, faults: FaultBook) -> None:
        self._books = books
        self._clock = clock
        self._faults = faults
        self._doors: dict[tuple[str, str], Callable[[bytes, str], Answer]] = {
            ("POST", "/sandbox/trips"): self._stage,
            ("POST", "/sandbox/faults"): self._add_fault,
            ("GET", "/sandbox/faults"): self._list_faults,
            ("DELETE", "/sandbox/faults"): self._clear_faults,
            ("POST", "/sandbox/clock"): self._move_clock,
            ("GET", "/books"): self._show_books,
            ("GET", "/healthz"): self._tell_health,
        }

    def answer(self, method: str, path: str, body: bytes, accept: str) -> Answer:
        door = self._doors.get((method, path))
        if door is None and method == "GET" and path.startswith(BOOKS_OF_TRIP):
            return self._show_trip(unquote(path.removeprefix(BOOKS_OF_TRIP)))
        if door is None:
            return missing_token()
        try:
            return door(body, accept)
        except (ValueError, StagingError) as error:
            return json_answer(400, {"errorMsg": str(error)})

    def _stage(self, body: bytes, accept: str) -> Answer:
        staged = stage(self._books, wire.decode(body), self._clock.now())
        return json_answer(200, {"staged": staged.new, "known": staged.known})

    def _add_fault(self, body: bytes, accept: str) -> Answer:
        self._faults.add(read_fault(wire.decode(body)))
        return self._list_faults(body, accept)

    def _list_faults(self, body: bytes, accept: str) -> Answer:
        return json_answer(200, {"faults": self._faults.listed()})

    def _clear_faults(self, body: bytes, accept: str) -> Answer:
        self._faults.clear()
        return self._list_faults(body, accept)

    def _move_clock(self, body: bytes, accept: str) -> Answer:
        content = wire.decode(body)
        seconds = content.get("offset_seconds") if isinstance(content, dict) else None
        if not isinstance(seconds, Decimal) or abs(seconds) > FARTHEST_OFFSET:
            raise ValueError('expected {"offset_seconds": number}, ten years at most')
        self._clock.move_to_offset(float(seconds))
        return json_answer(200, {"now": self._clock.now().isoformat()})

    def _show_books(self, body: bytes, accept: str) -> Answer:
        accounts = self._books.accounts()
        if "text/html" in accept:
            return Answer(200, books_page(accounts).encode(), content_type="text/html; charset=utf-8")
        return json_answer(200, {"trips": [summary(account) for account in accounts]})

    def _show_trip(self, trip_id: str) -> Answer:
        account = self._books.find_account(trip_id)
        if account is None:
            return json_answer(404, {"errorMsg": "not in the books"})
        return json_answer(200, detail(account))

    def _tell_health(self, body: bytes, accept: str) -> Answer:
        return json_answer(200, {"status": "ok"})
