"""The rules of a charge, through the door."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from sandbox.tests.conftest import TRIP
from sandbox.tests.signed_calls import Caller, Received, refund_body, staged_trip

HOUR = 3600
DAY = 24 * HOUR
KEY = "550e8400-e29b-41d4-a716-446655440001"
BAD = {"errorMsg": "BadRequestException"}
EXPIRED = {"errorMsg": "ShoppingTripExpiredException"}
UNKNOWN = {"errorMsg": "UnknownShoppingTrip"}


def is_bad(answer: Received) -> bool:
    return (answer.status, answer.content) == (400, BAD)


def test_adjust_is_absolute_up_and_down(caller: Caller, trip: str) -> None:
    for amount, shown in ((20, "20.00"), (80.5, "80.50"), (80.5, "80.50"), (12.34, "12.34")):
        assert caller.adjust(trip, amount).content["authorizedAmount"]["amount"] == amount
        assert caller.books(trip)["authorized"] == shown


def test_an_amount_is_answered_digit_by_digit(caller: Caller, trip: str) -> None:
    body = b'{"storeId":"VALID_STORE_ID","shoppingTripId":"%s","amount":{"amount":0.10,"code":"USD"}}'

    assert '"amount": 0.10,' in caller.call("adjust", body % trip.encode()).text


def test_an_amount_beyond_every_card_is_declined_and_nothing_stays_authorized(caller: Caller, trip: str) -> None:
    caller.adjust(trip, 10)

    answer = caller.adjust(trip, 999999.99)

    assert answer.content == {"status": "DECLINED", "authorizedAmount": {"amount": 0, "code": "USD"}}
    assert is_bad(caller.capture(trip, 10))


def test_capture_needs_an_authorization_and_stays_within(caller: Caller, trip: str) -> None:
    assert is_bad(caller.capture(trip, 5))
    caller.adjust(trip, 10)
    assert is_bad(caller.capture(trip, 10.01))
    assert caller.books(trip)["captures"] == 0

    assert caller.capture(trip, 9.99).status == 200
    assert caller.books(trip)["captured"] == "9.99"


def test_a_second_capture_charges_again(caller: Caller, captured: str) -> None:
    assert caller.capture(captured, 25.99).status == 200

    books = caller.books(captured)
    assert (books["captured"], books["captures"], len(books["capture_rows"])) == ("51.98", 2, 2)


def test_a_second_capture_is_refused_when_asked_for(start: Callable[..., Any]) -> None:
    with start(adopts=True, repeated_capture="refuse") as caller:
        caller.adjust(TRIP, 10)
        assert caller.capture(TRIP, 10).status == 200
        assert is_bad(caller.capture(TRIP, 10))
        assert caller.books(TRIP)["captures"] == 1


def test_what_comes_after_a_capture(caller: Caller, captured: str) -> None:
    assert is_bad(caller.adjust(captured, 5))
    assert is_bad(caller.cancel(captured))


def test_what_comes_after_a_cancel(caller: Caller, trip: str) -> None:
    caller.adjust(trip, 10)
    assert caller.cancel(trip).status == 200
    assert caller.cancel(trip).status == 200

    assert is_bad(caller.adjust(trip, 5))
    assert is_bad(caller.capture(trip, 5))
    assert is_bad(caller.refund(trip, 5, KEY))
    assert caller.books(trip)["cancelled"] is True


def test_another_currency_is_refused(caller: Caller, captured: str) -> None:
    caller.stage(staged_trip("gbp", preauthorized={"amount": "50.00", "code": "GBP"}))

    assert is_bad(caller.adjust("gbp", 5))
    assert is_bad(caller.refund(captured, 5, KEY, "GBP"))


def test_refunds_add_up_to_what_was_captured(caller: Caller, captured: str) -> None:
    assert caller.refund(captured, 20, str(uuid4())).status == 200
    assert is_bad(caller.refund(captured, 6, str(uuid4())))
    assert caller.refund(captured, 5.99, str(uuid4())).status == 200
    assert is_bad(caller.refund(captured, 0.01, str(uuid4())))

    books = caller.books(captured)
    assert (books["refunded"], books["refunds"]) == ("25.99", 2)


def test_a_refund_before_the_capture_is_refused(caller: Caller, trip: str) -> None:
    caller.adjust(trip, 10)

    assert is_bad(caller.refund(trip, 5, KEY))


def test_the_same_refund_request_refunds_once(caller: Caller, captured: str) -> None:
    first = caller.refund(captured, 5, KEY)
    again = caller.call("refund", refund_body(captured, 5.0, KEY))

    assert first.status == again.status == 200
    assert first.content == again.content
    assert caller.books(captured)["refunds"] == 1


@pytest.mark.parametrize("change", [{"amount": {"amount": 6, "code": "USD"}}, {"refundReasonCode": "OTHER"}])
def test_a_refund_key_with_another_body_is_refused(caller: Caller, captured: str, change: dict[str, Any]) -> None:
    caller.refund(captured, 5, KEY)

    assert is_bad(caller.call("refund", refund_body(captured, 5, KEY) | change))
    assert caller.books(captured)["refunded"] == "5.00"


def test_the_same_refund_from_many_threads_refunds_once(caller: Caller, captured: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: caller.refund(captured, 5, KEY), range(16)))

    assert len({answer.text for answer in answers}) == 1
    assert caller.books(captured)["refunds"] == 1


def test_refunds_lapse_seven_days_after_the_capture(caller: Caller, captured: str) -> None:
    caller.move_clock(7 * DAY - HOUR)
    first = caller.refund(captured, 5, KEY)
    assert first.status == 200

    caller.move_clock(7 * DAY + HOUR)
    assert is_bad(caller.refund(captured, 5, str(uuid4())))
    assert caller.refund(captured, 5, KEY).content == first.content


@pytest.mark.parametrize("operation", ["adjust", "capture"])
def test_a_trip_expires_after_46_hours(caller: Caller, trip: str, operation: str) -> None:
    caller.adjust(trip, 10)
    caller.move_clock(46 * HOUR - 60)
    assert caller.data(trip).status == 200
    assert caller.adjust(trip, 10).status == 200

    caller.move_clock(46 * HOUR + 60)
    for answer in (getattr(caller, operation)(trip, 10), caller.cancel(trip), caller.data(trip)):
        assert (answer.status, answer.content) == (400, EXPIRED)


def test_expiry_comes_before_state_and_after_the_body(caller: Caller, trip: str) -> None:
    caller.move_clock(47 * HOUR)

    assert caller.capture(trip, 10).content == EXPIRED
    assert caller.capture(trip, "10").content == BAD


def test_a_trip_nobody_staged_is_unknown(caller: Caller) -> None:
    for answer in (caller.adjust("t", 5), caller.cancel("t"), caller.capture("t", 5), caller.data("t")):
        assert (answer.status, answer.content) == (400, UNKNOWN)


def test_a_trip_of_another_store_is_unknown(caller: Caller, trip: str) -> None:
    assert caller.adjust(trip, 5, storeId="ANOTHER").content == UNKNOWN


def test_adoption_takes_a_trip_in_with_the_currency_it_asks_for(start: Callable[..., Any]) -> None:
    with start(adopts=True) as caller:
        assert "currency" not in caller.data(TRIP).content
        assert caller.adjust(TRIP, 80, "GBP").content["status"] == "APPROVED"
        assert is_bad(caller.adjust(TRIP, 5, "USD"))
        assert caller.data(TRIP).content["currency"] == "GBP"
        books = caller.books(TRIP)
        assert (books["adopted"], books["preauthorized"], books["authorized"]) == (True, "50.00", "80.00")


def test_the_proof_of_a_capture_appears_with_the_capture(caller: Caller, trip: str) -> None:
    before = caller.data(trip).content
    caller.adjust(trip, 10)
    caller.capture(trip, 10)
    after = caller.data(trip).content

    assert before.keys() ^ after.keys() == {"reconciliationId", "cardStatementTransactionId"}
    assert (before["brand"], before["tail"]) == (after["brand"], after["tail"])
    assert len(after["tail"]) == 4
    assert caller.data(trip).content == after


class TestMagicTrips:
    @pytest.mark.parametrize("suffix", ["", "-6f1c2a52"])
    def test_pending_twice_then_approved(self, caller: Caller, suffix: str) -> None:
        trip = f"pending-processing-trip-uuid{suffix}"

        for status in ("PENDING", "PENDING", "APPROVED"):
            assert is_bad(caller.capture(trip, 5))
            assert caller.adjust(trip, 25.5).content["status"] == status

        assert caller.capture(trip, 25.5).status == 200

    def test_partly_authorized_gives_half_rounded_down_and_captures_it(self, caller: Caller) -> None:
        trip = "partly-authorized-trip-uuid"

        answer = caller.adjust(trip, 10.01)

        assert answer.content == {"status": "DECLINED", "authorizedAmount": {"amount": 5.0, "code": "USD"}}
        assert is_bad(caller.capture(trip, 5.01))
        assert caller.capture(trip, 5.0).status == 200

    def test_declined_at_any_amount(self, caller: Caller) -> None:
        trip = "declined-payment-trip-uuid-1"

        assert caller.adjust(trip, 1).content["status"] == "DECLINED"
        assert is_bad(caller.capture(trip, 1))

    def test_declined_once_then_approved(self, caller: Caller) -> None:
        trip = "declined-once-trip-uuid-1"

        assert caller.adjust(trip, 10).content["status"] == "DECLINED"
        assert is_bad(caller.capture(trip, 10))
        assert caller.adjust(trip, 6).content["status"] == "APPROVED"
        assert caller.capture(trip, 6).status == 200

    def test_expired(self, caller: Caller) -> None:
        assert caller.adjust("expired-shopping-trip-uuid-1", 1).content == EXPIRED

    @pytest.mark.parametrize("name", ["invalid-shopping-trip-uuid", "invalid-shopping-trip-uuid-1"])
    def test_invalid_even_when_staged(self, caller: Caller, name: str) -> None:
        caller.stage(staged_trip(name))

        assert caller.cancel(name).content == UNKNOWN

    def test_a_longer_word_is_not_magic(self, caller: Caller) -> None:
        assert caller.cancel("valid-shopping-trip-uuids").content == UNKNOWN

    @pytest.mark.parametrize(("name", "status"), [("throttled-trip-uuid", 429), ("unavailable-trip-uuid", 503)])
    def test_trouble_for_two_calls_of_each_operation(self, caller: Caller, name: str, status: int) -> None:
        answers = [caller.adjust(name, 5) for _ in range(3)]
        assert [answer.status for answer in answers] == [status, status, 200]
        assert [caller.capture(name, 5).status for _ in range(3)] == [status, status, 200]

        assert answers[0].headers["Retry-After"] == ("1" if status == 429 else None)

    @pytest.mark.parametrize(
        ("name", "status"),
        [("server-error-trip-uuid", 500), ("forbidden-trip-uuid", 403), ("bad-request-trip-uuid", 400)],
    )
    def test_trouble_for_ever(self, caller: Caller, name: str, status: int) -> None:
        assert [caller.adjust(f"{name}-1", 5).status for _ in range(4)] == [status] * 4
