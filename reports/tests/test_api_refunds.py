"""POST /api/v1/trips/{trip id}/refunds/."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from orders.models import Trip
from payments.models import Refund
from payments.services.refund_approval import reject_refund
from payments.tests.trips import a_store, captured_trip, priced_trip, received_trip
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow

WRITE = {"Authorization": "Bearer test-write-key"}


def ask(client: Client, trip: Trip, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    body = {"refund_request_id": str(uuid4()), "reason": "DAMAGED_ITEM"} | fields
    return client.post(
        f"/api/v1/trips/{trip.amazon_trip_id}/refunds/",
        json.dumps({name: value for name, value in body.items() if value is not ...}),
        content_type="application/json",
        headers=WRITE if headers is None else headers,
    )


@pytest.fixture
def trip(db: None, sandbox: SandboxProcess) -> Trip:
    return captured_trip(sandbox, ("6.25", "2"), ("1.50", "1"))


def test_all_that_is_left_an_amount_and_lines(client: Client, trip: Trip) -> None:
    by_line = ask(client, trip, lines=[{"sku": "AT-6.25", "quantity": 1}])
    by_amount = ask(client, trip, amount="0.50", note="Sorry")
    rest = ask(client, trip)

    assert [answer.status_code for answer in (by_line, by_amount, rest)] == [201, 201, 201]
    assert [answer.json()["amount"] for answer in (by_line, by_amount, rest)] == ["6.25", "0.50", "7.25"]
    assert by_amount.json()["state"] == "queued"
    assert ask(client, trip).status_code == 409


def test_the_same_key_gives_nothing_more(client: Client, trip: Trip) -> None:
    key = str(uuid4())
    first = ask(client, trip, refund_request_id=key, lines=[{"sku": "AT-6.25", "quantity": "2"}])
    again = ask(client, trip, refund_request_id=key, lines=[{"sku": "AT-6.25", "quantity": "2"}])

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Refund.objects.count() == 1


def test_the_same_key_for_something_else_is_a_conflict(client: Client, trip: Trip) -> None:
    key = str(uuid4())
    ask(client, trip, refund_request_id=key, amount="1.00")

    for other in ({"amount": "2.00"}, {"lines": [{"sku": "AT-1.50", "quantity": 1}]}, {"reason": "OTHER"}):
        answer = ask(
            client, trip, refund_request_id=key, **({"amount": "1.00"} | other if "lines" not in other else other)
        )
        assert answer.status_code == 409, other
        assert answer.json()["field"] == "refund_request_id"
    assert Refund.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"refund_request_id": ...}, "refund_request_id"),
        ({"refund_request_id": "0190163d-8694-739b-aea5-966c26f8ad90"}, "refund_request_id"),  # version 7
        ({"refund_request_id": "550E8400-E29B-41D4-A716-446655440000"}, "refund_request_id"),
        ({"refund_request_id": 7}, "refund_request_id"),
        ({"reason": ...}, "reason"),
        ({"reason": "I_LIKE_TO"}, "reason"),
        ({"amount": 1.5}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": "1.001"}, "amount"),
        ({"amount": "1e2"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"lines": []}, "lines"),
        ({"lines": [{"sku": "AT-6.25"}]}, "lines"),
        ({"lines": [{"sku": "AT-6.25", "quantity": "0"}]}, "lines"),
        ({"lines": [{"sku": "AT-6.25", "quantity": "-1"}]}, "lines"),
        ({"lines": [{"sku": "NOT-THERE", "quantity": "1"}]}, "lines"),
        ({"lines": "AT-6.25"}, "lines"),
        ({"amount": "1.00", "lines": [{"sku": "AT-6.25", "quantity": "1"}]}, "amount"),
        ({"note": "x" * 501}, "note"),
        ({"note": "a\u0000b"}, "note"),
    ],
)
def test_a_request_that_makes_no_sense_names_its_field(client: Client, trip: Trip, fields: Any, field: str) -> None:
    answer = ask(client, trip, **fields)

    assert answer.status_code == 400, answer.content
    assert field in answer.json() or answer.json().get("field") == field, answer.json()
    assert not Refund.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"refund_request_id": "0190163d-8694-739b-aea5-966c26f8ad90"}, "a lower-case UUID of version 1 to 5"),
        ({"reason": "I_LIKE_TO"}, '"I_LIKE_TO" is not a valid choice.'),
        ({"amount": 1.5}, "a positive decimal string such as “4.20”"),
        ({"amount": "-1.00"}, "a positive decimal string such as “4.20”"),
        ({"amount": "0.00"}, "The amount must be more than 0."),
        ({"amount": "1.001"}, "USD has 2 decimals."),
    ],
)
def test_it_says_what_would_be_right(client: Client, trip: Trip, fields: Any, words: str) -> None:
    answer = ask(client, trip, **fields)

    assert answer.status_code == 400
    assert words in str(answer.json())


@pytest.mark.parametrize("body", ["", "{", "[]", '"x"', "null", '{"amount": NaN}', "[" * 100_000])
def test_a_body_that_is_no_object_is_refused(client: Client, trip: Trip, body: str) -> None:
    path = f"/api/v1/trips/{trip.amazon_trip_id}/refunds/"
    assert client.post(path, body, content_type="application/json", headers=WRITE).status_code == 400


def test_only_json_is_read(client: Client, trip: Trip) -> None:
    path = f"/api/v1/trips/{trip.amazon_trip_id}/refunds/"
    assert client.post(path, '{"reason": "OTHER"}', content_type="text/plain", headers=WRITE).status_code == 415


def test_more_than_is_left_is_a_conflict(client: Client, trip: Trip) -> None:
    too_much = ask(client, trip, amount="14.01")
    too_many = ask(client, trip, lines=[{"sku": "AT-1.50", "quantity": "2"}])

    assert (too_much.status_code, too_many.status_code) == (409, 409)
    assert "$14.00" in too_much.json()["detail"]
    assert not Refund.objects.exists()


@pytest.mark.django_db
def test_a_trip_without_captured_money_is_a_conflict(client: Client) -> None:
    for trip in (received_trip(("1.50", "1")), priced_trip(("1.50", "1"))):
        assert ask(client, trip, amount="1.00").status_code == 409


def test_a_key_that_may_only_read_cannot_refund(client: Client, trip: Trip) -> None:
    assert ask(client, trip, {"Authorization": "Bearer test-read-key"}).status_code == 403
    assert ask(client, trip, {}).status_code == 401
    assert not Refund.objects.exists()


@pytest.mark.django_db
def test_an_unknown_trip_is_not_found(client: Client) -> None:
    answer = ask(client, Trip(amazon_trip_id="nobody-knows-this"))
    assert (answer.status_code, answer.json()) == (404, {"detail": "There is nothing by this id that you may see."})


def test_a_refund_above_the_limit_awaits_approval(client: Client, trip: Trip) -> None:
    trip.store.refund_approval_above = Decimal("5.00")
    trip.store.save()
    key = str(uuid4())

    answer, again = (ask(client, trip, refund_request_id=key, amount="6.00") for _ in range(2))
    assert (answer.status_code, answer.json()["state"], answer.json()["decided_by"]) == (201, "pending_approval", "")
    assert (again.status_code, again.json()) == (200, answer.json())

    reject_refund(Refund.objects.get(), actor="manager", note="Not ours.")
    decided = client.get(f"/api/v1/trips/{trip.amazon_trip_id}/", headers=WRITE).json()
    assert [(row["state"], row["decided_by"], row["error"]) for row in decided["refunds"]] == [
        ("rejected", "manager", "Not ours.")
    ]
    assert (decided["refund_pending"], decided["refundable"]) == ("0.00", "14.00")
    assert [event["kind"] for event in decided["events"]][-2:] == ["refund_requested", "refund_rejected"]


def test_what_amazons_checkout_collected_is_a_conflict(client: Client, sandbox: SandboxProcess, db: None) -> None:
    store = a_store("TEST-CHECKOUT", card_flow=PaymentFlow.CHECKOUT_SERVICE, region="us-west-2")
    answer = ask(client, captured_trip(sandbox, store=store), amount="1.00")

    assert answer.status_code == 409
    assert "use the merchant portal" in answer.json()["detail"]
