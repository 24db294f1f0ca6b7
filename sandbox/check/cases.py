"""What a test case is: how its trip stands, what is sent, which statuses may come, what answers and books must hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from sandbox.check.signing import Signing
from sandbox.connectivity.calls import Reply
from sandbox.connectivity.cases import Body, Check, edited, fresh_id, nothing_more

STORE = "VALID_STORE_ID"
BAD_STORE = "INVALID@STORE#ID"
TOKEN_LIFE = timedelta(hours=46)
REFUND_WINDOW = timedelta(days=7)

BAD_REQUEST = "BadRequestException"
UNKNOWN_TRIP = "UnknownShoppingTrip"
EXPIRED = "ShoppingTripExpiredException"


@dataclass(frozen=True)
class Trip:
    """`told` are the answers to the steps that came before."""

    id: str
    store: str
    currency: str
    shopper: str
    told: tuple[Reply, ...] = ()


Make = Callable[[Trip], Body]
Bodies = Callable[[Trip], Sequence[Body | bytes]]
# Entries of GET /books/{trip} as they must be after these answers.
Books = Callable[[Sequence[Reply]], Mapping[str, object]]


def shown(**entries: object) -> Books:
    return lambda _replies: entries


GOOD = Signing()
ANYTHING = shown()


@dataclass(frozen=True)
class Start:
    """How a case's trip begins: with an id of its own, announced to the host unless it has a magic id.

    A magic id is one of Amazon's (or of the sandbox's) names that drive an outcome, and needs no announcement.
    With an `email` its shopper has been to the receipt kiosk. A long id has as many characters as are allowed.
    """

    magic: str = ""
    store: str = STORE
    currency: str = "USD"
    is_long: bool = False
    is_announced: bool = True
    email: str = ""

    def trip(self) -> Trip:
        own = fresh_id()
        trip_id = f"{self.magic}-{own}" if self.magic else own
        return Trip(trip_id.rjust(255 if self.is_long else 0, "t"), self.store, self.currency, shopper=f"shopper-{own}")


@dataclass(frozen=True)
class Step:
    """A call that comes before those of the case, and succeeds."""

    route: str
    make: Make


@dataclass(frozen=True)
class Fault:
    """Ordered at the sandbox's own door, for the calls of one case."""

    status: int
    retry_after: str | None = None


@dataclass(frozen=True)
class Case:
    """The bodies are sent one after the other or all at once; each answer has one of the expected statuses.

    Between the steps before and the calls of the case, the host's clock moves by `later`, the fault is ordered, and
    `per_second` limits the calls, unless it is 0.
    """

    number: str
    title: str
    bodies: Bodies
    expected: tuple[int, ...]
    check: Check = nothing_more
    start: Start = Start()
    before: tuple[Step, ...] = ()
    later: timedelta = timedelta()
    fault: Fault | None = None
    per_second: float = 0
    signing: Signing = GOOD
    is_at_once: bool = False
    books: Books = ANYTHING


@dataclass(frozen=True)
class Section:
    """The cases of one operation. `operation` is its name where faults are ordered."""

    name: str
    title: str
    route: str
    operation: str
    cases: tuple[Case, ...]


def each(*several: Bodies) -> Bodies:
    """The bodies of all of them, one after the other."""
    return lambda trip: list(chain.from_iterable(bodies(trip) for bodies in several))


def left_out(make: Make, *paths: str) -> Bodies:
    """Each of these fields left out, one after the other."""
    return each(*(edited(make, path) for path in paths))


def set_to(make: Make, path: str, *values: object) -> Bodies:
    """The field with each of these values, one after the other."""
    return each(*(edited(make, path, value) for value in values))


def named(error: str) -> Check:
    return _told(lambda said: said == error, error)


def begins(error: str) -> Check:
    """For a name whose end Amazon's pages do not show."""
    return _told(lambda said: said.startswith(error), f"{error}…")


def _told(is_right: Callable[[str], bool], wanted: str) -> Check:
    def check(replies: Sequence[Reply]) -> str:
        errors = [str((reply.content or {}).get("errorMsg")) for reply in replies]
        wrong = [error for error in errors if not is_right(error)]
        return f"errorMsg is {wrong[0]}, not {wanted}" if wrong else ""

    return check


bad_request = named(BAD_REQUEST)


def refused(number: str, title: str, bodies: Bodies, error: str = BAD_REQUEST, **others: Any) -> Case:
    return Case(number, title, bodies, (400,), named(error), **others)


def holds(**fields: object) -> Check:
    """Each answer has these fields with these values; others may stand beside them."""

    def check(replies: Sequence[Reply]) -> str:
        for reply in replies:
            content = reply.content or {}
            for name, value in fields.items():
                if name not in content or content[name] != value:
                    return f"{name} is {content.get(name)!r}, not {value!r}"
        return ""

    return check


def nothing_said(replies: Sequence[Reply]) -> str:
    return "the body is not empty" if any(reply.body for reply in replies) else ""


def in_turn(*wanted: int) -> Check:
    """The statuses came in this order."""

    def check(replies: Sequence[Reply]) -> str:
        found = [reply.status for reply in replies]
        return "" if found == list(wanted) else f"the answers came as {', '.join(map(str, found))}"

    return check
