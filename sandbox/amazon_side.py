"""All of Amazon's side in one place: the books, the hosts behind the signed door, and the sandbox's own doors."""

from dataclasses import dataclass

from sandbox.answers import UNKNOWN_TRIP_AT_CHECKOUT
from sandbox.book_file import BookFile
from sandbox.books import Books
from sandbox.catalog_engine import CatalogEngine
from sandbox.catalog_host import catalog_host
from sandbox.charge_engine import ChargeEngine, RepeatedCapture
from sandbox.checkout_engine import CheckoutEngine
from sandbox.checkout_host import checkout_host
from sandbox.clock import Clock
from sandbox.control import Control
from sandbox.faults import FaultBook
from sandbox.feedback_engine import FeedbackEngine
from sandbox.feedback_host import feedback_host
from sandbox.kiosk import Kiosk
from sandbox.known_trips import KnownTrips
from sandbox.payments_host import payments_host
from sandbox.rate_limits import RateLimit, RateLimits
from sandbox.signed_door import SignedDoor


@dataclass(frozen=True)
class Setup:
    """`is_test_host`: payments and checkout play Amazon's .test hosts. `rate_limit`: calls a second, of all kinds."""

    host: str = "127.0.0.1"
    port: int = 9000
    books_path: str = ":memory:"
    adopts: bool = False
    access_key: str = "demo-access-key"
    secret_key: str = "demo-secret-key"
    fault_rate: float = 0.0
    seed: int = 0
    repeated_capture: RepeatedCapture = "charge"
    is_test_host: bool = False
    rate_limit: RateLimit | None = None


class AmazonSide:
    def __init__(self, setup: Setup, file: BookFile, url: str) -> None:
        clock, books, kiosk = Clock(), Books(file), Kiosk(file)
        catalog = CatalogEngine(file, clock, url)
        faults, limits = FaultBook(setup.seed, setup.fault_rate), RateLimits()
        if setup.rate_limit:
            limits.set(setup.rate_limit)

        charges = ChargeEngine(
            books,
            clock,
            KnownTrips(books, clock, adopts=setup.adopts, is_test_host=setup.is_test_host),
            repeated_capture=setup.repeated_capture,
        )
        checkout = CheckoutEngine(
            books,
            clock,
            KnownTrips(
                books,
                clock,
                adopts=setup.adopts,
                is_test_host=setup.is_test_host,
                unknown=UNKNOWN_TRIP_AT_CHECKOUT,
            ),
        )
        feedback = FeedbackEngine(books, clock, KnownTrips(books, clock, adopts=setup.adopts))
        operations = {
            **payments_host(charges, kiosk),
            **checkout_host(checkout),
            **feedback_host(feedback),
            **catalog_host(catalog),
        }
        self.signed_door = SignedDoor(operations, faults, limits, {setup.access_key: setup.secret_key})
        self.control = Control(books, clock, faults, limits, kiosk, catalog)
