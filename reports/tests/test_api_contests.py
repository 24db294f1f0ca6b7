"""POST /api/v1/trips/{trip id}/contests/, and what the trip says of contests and adjustments."""

import json
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from core.tests.staff import staff_with
from orders.models import Trip
from payments.models import ContestedCart
from payments.services.contests import Decision, reject_contest
from payments.tests.adjusting import adjust
from payments.tests.trips import a_store, priced_trip, received_trip
from stores.models import Product

pytestmark = pytest.mark.django_db

READ = {"Authorization": "Bearer test-read-key"}
WRITE = {"Authorization": "Bearer test-write-key"}
ONE_SANDWICH = [{"sku": "AT-6.25", "quantity": "1"}]


def contest(client: Client, trip: Trip, headers: dict[str, str] | None = None, **fields: Any) -> Any:
    body = {"contest_id": str(uuid4()), "message": "I put one back."} | fields
    return client.post(
        f"/api/v1/trips/{trip.amazon_trip_id}/contests/",
        json.dumps(body),
        content_type="application/json",
        headers=WRITE if headers is None else headers,
    )


def read(client: Client, trip: Trip) -> Any:
    return client.get(f"/api/v1/trips/{trip.amazon_trip_id}/", headers=READ).json()


@pytest.fixture
def trip() -> Trip:
    return priced_trip(("6.25", "2"), ("1.50", "1"))


def test_a_contest_is_noted_and_read_back(client: Client, trip: Trip) -> None:
    answer = contest(client, trip, lines=ONE_SANDWICH)

    assert answer.status_code == 201
    assert read(client, trip)["contests"] == [answer.json()]
    noted = answer.json()
    assert (noted["state"], noted["message"], noted["opened_by"]) == ("open", "I put one back.", "API")
    assert noted["lines"] == ONE_SANDWICH
    assert (noted["decided_by"], noted["decided_at"], noted["answer"]) == ("", None, "")


def test_the_same_id_notes_nothing_more(client: Client, trip: Trip) -> None:
    key = str(uuid4())
    answers = [contest(client, trip, contest_id=key, lines=ONE_SANDWICH) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()
    assert ContestedCart.objects.count() == 1


@pytest.mark.parametrize("other", [{"message": "No."}, {"lines": []}, {"lines": [{"sku": "AT-6.25", "quantity": "0"}]}])
def test_the_same_id_for_something_else_is_a_conflict(client: Client, trip: Trip, other: dict[str, Any]) -> None:
    key = str(uuid4())
    contest(client, trip, contest_id=key, lines=ONE_SANDWICH)

    answer = contest(client, trip, contest_id=key, **({"lines": ONE_SANDWICH} | other))

    assert (answer.status_code, answer.json()["field"]) == (409, "contest_id")


def test_a_product_that_is_not_in_the_cart_may_be_claimed(client: Client, trip: Trip) -> None:
    Product.objects.create(store=trip.store, sku="WATER", name="Water", price=Decimal(1))

    answer = contest(client, trip, lines=[{"sku": "WATER", "quantity": "2"}])

    assert answer.json()["lines"] == [{"sku": "WATER", "quantity": "2"}]


def test_of_a_sku_with_several_lines_the_first_ones_count_first(client: Client) -> None:
    trip = priced_trip(("6.25", "2"), ("6.25", "3"))

    contest(client, trip, lines=[{"sku": "AT-6.25", "quantity": "4"}])

    assert [claim.quantity for claim in ContestedCart.objects.get().lines.all()] == [2, 2]


@pytest.mark.parametrize(
    "fields",
    [
        {"contest_id": "nonsense"},
        {"message": "", "lines": []},
        {"message": "x" * 4001},
        {"lines": [{"sku": "NOTHING", "quantity": "1"}]},
        {"lines": [{"sku": "AT-6.25", "quantity": "-1"}]},
        {"lines": [{"sku": "AT-6.25", "quantity": "NaN"}]},
        {"lines": [{"sku": "AT-6.25", "quantity": "1"}, {"sku": "AT-6.25", "quantity": "1"}]},
        {"lines": [{"sku": "AT-6.25"}]},
        {"lines": "all"},
    ],
)
def test_what_makes_no_sense_is_refused(client: Client, trip: Trip, fields: dict[str, Any]) -> None:
    assert contest(client, trip, **fields).status_code == 400
    assert not ContestedCart.objects.exists()


def test_a_cart_that_is_not_priced_yet_and_one_that_is_not_there(client: Client, trip: Trip) -> None:
    assert contest(client, received_trip(("6.25", "1"))).status_code == 409
    assert contest(client, Trip(amazon_trip_id="nowhere")).status_code == 404


def test_who_may_only_read_may_not_contest(client: Client, trip: Trip) -> None:
    assert contest(client, trip, headers=READ).status_code == 403
    assert contest(client, trip, headers={}).status_code == 401
    client.force_login(staff_with("orders.view_trip"))
    refused = contest(client, trip, headers={})
    assert refused.status_code == 403
    assert "payments.open_contestedcart" in refused.json()["detail"]


def test_somebody_of_another_store_does_not_find_it(client: Client, trip: Trip) -> None:
    person = staff_with("payments.open_contestedcart", sees_all_stores=False)
    person.stores.add(a_store("TEST-OTHER"))
    client.force_login(person)

    assert contest(client, trip, headers={}).status_code == 404


def test_the_decision_and_the_answer_are_read(client: Client, trip: Trip) -> None:
    contest(client, trip)
    reject_contest(ContestedCart.objects.get(), decision=Decision("manager", "On video.", "We have looked."))

    (decided,) = read(client, trip)["contests"]

    assert (decided["state"], decided["decided_by"], decided["answer"]) == ("rejected", "manager", "We have looked.")
    assert decided["decided_at"]


def test_the_lines_and_totals_are_those_of_the_adjusted_trip(client: Client, trip: Trip) -> None:
    adjust(trip, (1, "1"), add=("3.10", "2"))

    said = read(client, trip)

    assert [(line["sku"], line["quantity"], line["total"]) for line in said["lines"]] == [
        ("AT-6.25", "1", "6.25"),
        ("AT-1.50", "1", "1.50"),
        ("AT-3.10", "2", "6.20"),
    ]
    assert said["total"] == "13.95"
    (adjustment,) = said["adjustments"]
    assert (adjustment["total_before"], adjustment["total_after"], adjustment["reason"]) == (
        "14.00",
        "13.95",
        "not_taken",
    )
    assert adjustment["lines"] == [
        {
            "sku": "AT-6.25",
            "quantity_before": "2",
            "quantity_after": "1",
            "total_before": "12.50",
            "total_after": "6.25",
        },
        {"sku": "AT-3.10", "quantity_before": "0", "quantity_after": "2", "total_before": None, "total_after": "6.20"},
    ]
