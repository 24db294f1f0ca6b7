"""What Amazon's feedback service is sent, and how its answers are read."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from amazon.models import OutboundCall
from amazon.outbound.errors import AmazonError, NotSent, OutcomeUnknown, Refused, UnknownTrip
from amazon.outbound.transport import Address
from core.money import Money
from payments.clients.feedback_service import FeedbackAnswer, report_payment_status
from payments.tests.scripted_host import ScriptedHost, refusal

AT = datetime(2026, 2, 6, 2, 31, tzinfo=UTC)


def report(
    address: Address, total: str = "14.75", settled: str = "10.00", currency: str = "GBP", at: datetime = AT
) -> tuple[FeedbackAnswer, OutboundCall]:
    amounts = {"total": Money(Decimal(total), currency), "settled": Money(Decimal(settled), currency)}
    return report_payment_status(address, **amounts, at=at)


@pytest.fixture
def accepting(host: ScriptedHost) -> ScriptedHost:
    host.says(200, '{"status":"Accepted"}')
    return host


def test_path_and_body_are_the_documented_ones(accepting: ScriptedHost) -> None:
    answer, call = report(accepting.address())

    [(path, headers, body)] = accepting.seen
    assert path == "/v1/feedback/payment-status"
    assert body == (
        b'{"storeId":"STORE-1","shoppingTripId":"valid-shopping-trip-uuid","totalAmount":{"amount":14.75,"code":"GBP"},'
        b'"settledAmount":{"amount":10.00,"code":"GBP"},"paymentStatusTime":1770345060000}'
    )
    assert "/eu-west-1/execute-api/aws4_request" in headers["Authorization"]
    assert (answer, call.operation, call.status) == (FeedbackAnswer.ACCEPTED, "feedback", 200)


@pytest.mark.parametrize(
    ("at", "milliseconds"),
    [
        (AT.replace(microsecond=999_999), 1770345060999),
        (datetime(2026, 2, 6, 8, 16, tzinfo=timezone(timedelta(hours=5, minutes=45))), 1770345060000),
        (datetime(1970, 1, 1, tzinfo=UTC), 0),
    ],
)
def test_the_time_is_whole_epoch_milliseconds(accepting: ScriptedHost, at: datetime, milliseconds: int) -> None:
    report(accepting.address(), at=at)

    assert json.loads(accepting.seen[0][2])["paymentStatusTime"] == milliseconds


@pytest.mark.parametrize(
    ("total", "settled", "currency"),
    [("0", "0", "USD"), ("0.00", "0", "JPY"), ("14.75", "0", "GBP"), ("360", "360", "JPY"), ("1", "2", "EUR")],
)
def test_every_state_of_payment_can_be_reported(
    accepting: ScriptedHost, total: str, settled: str, currency: str
) -> None:
    report(accepting.address(), total, settled, currency)

    sent = json.loads(accepting.seen[0][2], parse_float=Decimal, parse_int=Decimal)
    assert sent["totalAmount"] == {"amount": Decimal(total), "code": currency}
    assert sent["settledAmount"] == {"amount": Decimal(settled), "code": currency}


@pytest.mark.parametrize(
    ("total", "settled", "currency"),
    [
        ("-0.01", "0", "USD"),
        ("1.00", "-0.01", "USD"),
        ("1.001", "1", "USD"),
        ("1.00", "0.001", "USD"),
        ("0.5", "0", "JPY"),
        ("1.234", "0", "KWD"),
        ("NaN", "0", "USD"),
        ("1", "Infinity", "USD"),
        ("1e30", "1", "USD"),
        ("1", "1", "usd"),
        ("1", "1", ""),
    ],
)
def test_amounts_that_amazon_would_refuse_are_not_sent(
    accepting: ScriptedHost, total: str, settled: str, currency: str
) -> None:
    error = refusal(lambda: report(accepting.address(), total, settled, currency))

    assert type(error) is Refused
    assert str(error).startswith("Not sent: ")
    assert accepting.seen == []


def test_amounts_of_two_currencies_are_not_sent(accepting: ScriptedHost) -> None:
    total, settled = Money(Decimal("14.75"), "GBP"), Money(Decimal(1), "EUR")

    error = refusal(lambda: report_payment_status(accepting.address(), total=total, settled=settled, at=AT))

    assert str(error) == "Not sent: the total is in GBP, but what is settled in EUR."
    assert accepting.seen == []


@pytest.mark.parametrize("ids", [{"store_id": "INVALID@STORE#ID"}, {"trip_id": ""}, {"trip_id": "a" * 256}])
def test_ids_that_amazon_would_refuse_are_not_sent(accepting: ScriptedHost, ids: dict[str, str]) -> None:
    assert type(refusal(lambda: report(accepting.address(**ids)))) is Refused
    assert accepting.seen == []


def test_without_a_host_nothing_is_sent() -> None:
    error = refusal(lambda: report(Address("", "eu-west-1", "STORE-1", "trip")))

    assert str(error).startswith("Not sent: Amazon has no host for this in eu-west-1")


def test_a_rejection_is_an_answer(host: ScriptedHost) -> None:
    host.says(200, '{"new":1,"status":"Rejected"}')

    assert report(host.address())[0] == FeedbackAnswer.REJECTED


@pytest.mark.parametrize("body", ["", "{}", "[]", "null", "<html>", '{"status":"accepted"}', '{"status":null}'])
def test_a_200_that_says_neither_is_an_unknown_outcome(host: ScriptedHost, body: str) -> None:
    host.says(200, body)

    assert isinstance(refusal(lambda: report(host.address())), OutcomeUnknown)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, '{"errorMsg":"BadRequestException"}', Refused),
        (400, '{"errorMsg":"UnknownShoppingTrip"}', UnknownTrip),
        (429, "", NotSent),
        (500, "", OutcomeUnknown),
    ],
)
def test_refusals_say_what_may_be_done_next(
    host: ScriptedHost, status: int, body: str, kind: type[AmazonError]
) -> None:
    host.says(status, body)

    assert type(refusal(lambda: report(host.address()))) is kind
