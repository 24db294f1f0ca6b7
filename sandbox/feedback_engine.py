"""What Amazon's risk store does with a report of a trip's payment (Amazon: fraud_abuse_feedback_api).

Rejected is an answer of 200. Amazon prints no reason for one; here it is a settled amount above the total, or a magic
trip (our reading). Both kinds stand in the books, in the order in which they came. A report never expires, and no test
host of this service was seen: it knows every trip.
"""

from sandbox.books import Books
from sandbox.clock import Clock
from sandbox.feedback_requests import FeedbackRequest
from sandbox.known_trips import KnownTrips
from sandbox.magic_trips import Magic, magic_of
from sandbox.records import Feedback


class FeedbackEngine:
    def __init__(self, books: Books, clock: Clock, trips: KnownTrips) -> None:
        self._books = books
        self._clock = clock
        self._trips = trips

    def report(self, request: FeedbackRequest) -> dict[str, object]:
        is_rejected = request.settled > request.total or magic_of(request.trip_id) is Magic.REJECTED_FEEDBACK
        with self._books.transaction():
            self._trips.find(request)
            feedback = Feedback(
                trip_id=request.trip_id,
                total=request.total,
                settled=request.settled,
                currency=request.currency,
                status_at=request.status_at,
                received_at=self._clock.now(),
                status="Rejected" if is_rejected else "Accepted",
            )
            self._books.add_feedback(feedback)
        return {"status": feedback.status}
