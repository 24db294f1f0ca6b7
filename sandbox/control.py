"""The sandbox's own doors, unsigned and for this machine only: staging, trouble on order, time, and the books."""

from collections.abc import Callable
from decimal import Decimal
from urllib.parse import unquote

from sandbox import wire
from sandbox.answers import Answer, json_answer, missing_token
from sandbox.books import Books
from sandbox.books_page import books_page
from sandbox.books_view import detail, summary
from sandbox.catalog_engine import REPORTS, CatalogEngine
from sandbox.clock import Clock
from sandbox.faults import FaultBook, read_fault
from sandbox.kiosk import Kiosk
from sandbox.rate_limits import RateLimits, read_rate_limit
from sandbox.staging import StagingError, stage

BOOKS_OF_TRIP = "/books/"
FARTHEST_OFFSET = 10 * 365 * 24 * 3600


class Control:
    def __init__(
        self, books: Books, clock: Clock, faults: FaultBook, limits: RateLimits, kiosk: Kiosk, catalog: CatalogEngine
    ) -> None:
        self._books = books
        self._clock = clock
        self._faults = faults
        self._limits = limits
        self._kiosk = kiosk
        self._catalog = catalog
        self._doors: dict[tuple[str, str], Callable[[bytes, str], Answer]] = {
            ("POST", "/sandbox/trips"): self._stage,
            ("POST", "/sandbox/faults"): self._add_fault,
            ("GET", "/sandbox/faults"): self._list_faults,
            ("DELETE", "/sandbox/faults"): self._clear_faults,
            ("POST", "/sandbox/limits"): self._set_limit,
            ("GET", "/sandbox/limits"): self._list_limits,
            ("DELETE", "/sandbox/limits"): self._clear_limits,
            ("POST", "/sandbox/shoppers"): self._register_shoppers,
            ("POST", "/sandbox/clock"): self._move_clock,
            ("GET", "/books"): self._show_books,
            ("GET", "/healthz"): self._tell_health,
        }

    def answer(self, method: str, path: str, body: bytes, accept: str) -> Answer:
        door = self._doors.get((method, path))
        if door is None:
            return self._show_one(path) if method == "GET" else missing_token()
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

    def _set_limit(self, body: bytes, accept: str) -> Answer:
        self._limits.set(read_rate_limit(wire.decode(body)))
        return self._list_limits(body, accept)

    def _list_limits(self, body: bytes, accept: str) -> Answer:
        return json_answer(200, {"limits": self._limits.listed()})

    def _clear_limits(self, body: bytes, accept: str) -> Answer:
        self._limits.clear()
        return self._list_limits(body, accept)

    def _register_shoppers(self, body: bytes, accept: str) -> Answer:
        return json_answer(200, {"registered": self._kiosk.register(wire.decode(body))})

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

    def _show_one(self, path: str) -> Answer:
        """What has an id of its own in the path: a trip, or an upload of the catalogue."""
        if path.startswith(BOOKS_OF_TRIP):
            account = self._books.find_account(unquote(path.removeprefix(BOOKS_OF_TRIP)))
            found = None if account is None else detail(account)
        elif path.startswith(REPORTS):
            found = self._catalog.report(path.removeprefix(REPORTS))
        else:
            return missing_token()
        return json_answer(404, {"errorMsg": "not in the books"}) if found is None else json_answer(200, found)

    def _tell_health(self, body: bytes, accept: str) -> Answer:
        return json_answer(200, {"status": "ok"})
