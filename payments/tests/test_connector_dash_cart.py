"""Paying by Dash Cart: authorize, capture and cancel, each once for a trip."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from amazon.tests.bodies import Json, changed, encoded
from loyalty.models import Code, Member
from orders.models import DashCartTotal
from payments.models import AccountEntry, Charge, DashCartCharge, Debt, HouseAccount
from payments.tests.admin_rows import a_charge, a_debt, a_store, a_trip
from payments.tests.app_trips import an_account, held_by, prepaid
from payments.tests.gate_calls import owes
from payments.tests.trips import priced_trip
from stores.models import Store

AUTHORIZE = "/v1/order/authorize/charges"
CAPTURE = "/v1/order/capture/charges"
CANCEL = "/v1/order/cancel/charges"
KEY = "test-connector-key"
STORE = "dash-store"
TRIP = "ACH-123456"

Send = Callable[..., HttpResponse]

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    return a_store("Dash store", has_dash_cart=True)


@pytest.fixture
def member(store: Store) -> Member:
    member = Member.objects.create(external_id="MEMBER-1")
    Code.objects.create(member=member, value="1111-2222")
    return member


@pytest.fixture
def send(client: Client) -> Send:
    return sender(client)


def sender(client: Client) -> Send:
    def send(path: str, body: Json, **options: Any) -> HttpResponse:
        options = {"CONTENT_TYPE": "application/json", "headers": {"x-api-key": KEY}} | options
        return client.generic("POST", path, encoded(body), **options)

    return send


def about(trip_id: str = TRIP, **more: Any) -> Json:
    return {
        "storeId": STORE,
        "shoppingTripId": trip_id,
        "requestOrigin": {"id": "cart-7", "type": "DASH_CART"},
        **more,
    }


def sources(*ids: str) -> Json:
    return {"paymentSources": [{"id": each} for each in ids]}


def held(send: Send, source: str = "MEMBER-1") -> str:
    answer = send(AUTHORIZE, about(**sources(source)))
    assert answer.status_code == 200, answer.content
    assert list(answer.json()) == ["authToken"]
    return str(answer.json()["authToken"])


def previewed(store: Store, total: str, trip_id: str = TRIP) -> None:
    DashCartTotal.objects.create(store=store, amazon_trip_id=trip_id, total=Decimal(total), currency="USD")


# --- Authorize ---


@pytest.mark.parametrize("source", ["MEMBER-1", "1111-2222"])
def test_member_pays_by_house_account(source: str, member: Member, send: Send) -> None:
    token = held(send, source)

    charge = DashCartCharge.objects.get()
    assert (charge.member, charge.state, charge.auth_token) == (member, "held", token)
    assert (charge.amazon_trip_id, charge.amount, charge.currency) == (TRIP, None, "USD")


def test_first_source_that_will_do_is_taken(member: Member, send: Send) -> None:
    Member.objects.create(external_id="BLOCKED", blocked_at=timezone.now())

    assert send(AUTHORIZE, about(**sources("NOBODY", "BLOCKED", "MEMBER-1"))).status_code == 200
    assert DashCartCharge.objects.get().member == member


@pytest.mark.parametrize("named", [[], ["NOBODY"], [""]])
def test_unknown_source_is_declined(named: list[str], member: Member, send: Send) -> None:
    answer = send(AUTHORIZE, about(**sources(*named)))

    assert (answer.status_code, list(answer.json())) == (401, ["errorMsg"])
    assert not DashCartCharge.objects.exists()


def test_blocked_member_is_declined(member: Member, send: Send) -> None:
    Member.objects.update(blocked_at=timezone.now())

    assert send(AUTHORIZE, about(**sources("MEMBER-1"))).status_code == 401


@pytest.mark.parametrize("debtor", ["MEMBER-1", "1111-2222"])
def test_member_who_owes_is_declined(debtor: str, member: Member, send: Send) -> None:
    debt = owes(debtor, "5.00")
    assert send(AUTHORIZE, about(**sources(debtor))).status_code == 401

    debt.delete()

    assert send(AUTHORIZE, about(**sources(debtor))).status_code == 200, "a refusal is not remembered"


@pytest.mark.parametrize(("state", "left", "status"), [("settled", 0, 200), ("open", 1, 401), ("written_off", 5, 401)])
def test_only_what_is_left_of_a_debt_counts(member: Member, send: Send, state: str, left: int, status: int) -> None:
    debt = owes("MEMBER-1", "5.00")

    Debt.objects.filter(pk=debt.pk).update(state=state, owed=left)

    assert send(AUTHORIZE, about(**sources("MEMBER-1"))).status_code == status


def test_debt_of_any_trip_of_the_member_counts(member: Member, send: Send) -> None:
    a_debt(a_charge(a_trip("unpaid", total="5.00", member=member), "declined"))

    assert send(AUTHORIZE, about(**sources("MEMBER-1"))).status_code == 401


def test_same_authorization_again_gets_the_same_token(member: Member, send: Send) -> None:
    token = held(send)
    Member.objects.update(blocked_at=timezone.now())

    assert [held(send) for _ in range(2)] == [token] * 2
    assert send(AUTHORIZE, about("another", **sources("MEMBER-1"))).status_code == 401
    assert DashCartCharge.objects.count() == 1


def test_member_whose_house_account_is_closed_is_declined(member: Member, send: Send) -> None:
    an_account(is_open=False)

    assert send(AUTHORIZE, about(**sources("MEMBER-1"))).status_code == 401


def test_account_in_another_currency_says_nothing(member: Member, send: Send) -> None:
    an_account(currency="JPY", is_open=False)

    held(send)


# --- Capture ---


def test_last_preview_is_taken(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    token = held(send)

    answer = send(CAPTURE, about(authToken=token))

    assert (answer.status_code, list(answer.json())) == (200, ["confirmation"])
    charge, entry = DashCartCharge.objects.get(), AccountEntry.objects.get()
    assert (charge.state, charge.amount, charge.currency) == ("captured", Decimal("12.45"), "USD")
    assert charge.confirmation == answer.json()["confirmation"]
    assert abs((timezone.now() - charge.ended_at).total_seconds()) < 60
    assert (entry.member, entry.store, entry.amount, entry.currency) == (member, store, Decimal("12.45"), "USD")


def test_finished_cart_counts_before_the_preview(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    a_trip("priced", total="13.00", amazon_trip_id=TRIP, store=store)
    a_trip("priced", total="99.00", amazon_trip_id="another", store=store)

    send(CAPTURE, about(authToken=held(send)))

    assert AccountEntry.objects.get().amount == Decimal("13.00")


def test_cart_that_is_not_priced_yet_leaves_the_preview(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    a_trip("review", amazon_trip_id=TRIP, store=store)

    send(CAPTURE, about(authToken=held(send)))

    assert AccountEntry.objects.get().amount == Decimal("12.45")


def test_trip_of_another_store_says_nothing(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    a_trip("priced", total="13.00", amazon_trip_id=TRIP, store=a_store("Other store"))

    send(CAPTURE, about(authToken=held(send)))

    assert AccountEntry.objects.get().amount == Decimal("12.45")


def test_same_capture_again_takes_nothing_more(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    token = held(send)
    first = send(CAPTURE, about(authToken=token)).json()
    DashCartTotal.objects.update(total=50)

    assert [send(CAPTURE, about(authToken=token)).json() for _ in range(2)] == [first] * 2
    assert held(send) == token
    assert AccountEntry.objects.get().amount == Decimal("12.45")


def test_first_capture_opens_an_account_by_invoice(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")

    send(CAPTURE, about(authToken=held(send)))

    account = HouseAccount.objects.get()
    assert (account.member, account.currency, account.kind) == (member, "USD", HouseAccount.Kind.INVOICE)
    assert held_by(account) == "-12.45"


def test_account_that_is_paid_ahead_and_does_not_suffice_refuses_the_capture(
    store: Store, member: Member, send: Send
) -> None:
    account = prepaid("12.44")
    previewed(store, "12.45")
    token = held(send)

    answer = send(CAPTURE, about(authToken=token))

    assert answer.status_code == 400
    assert "holds $12.44, not $12.45" in answer.json()["errorMsg"]
    assert (DashCartCharge.objects.get().state, held_by(account)) == ("held", "12.44")
    DashCartTotal.objects.update(total="12.44")
    assert send(CAPTURE, about(authToken=token)).status_code == 200
    assert held_by(account) == "0.00"


def test_nothing_is_written_for_a_trip_that_costs_nothing(store: Store, member: Member, send: Send) -> None:
    previewed(store, "0")

    assert send(CAPTURE, about(authToken=held(send))).status_code == 200
    assert DashCartCharge.objects.get().amount == 0
    assert not AccountEntry.objects.exists()


def test_capture_needs_the_token_of_its_trip(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    token = held(send)
    other = send(AUTHORIZE, about("another", **sources("MEMBER-1"))).json()["authToken"]
    wrong = [
        about(authToken=other),
        about(authToken=token.upper()),
        about("unknown", authToken=token),
        about("another", authToken=token),
    ]

    answers = [send(CAPTURE, body) for body in wrong]

    assert {answer.status_code for answer in answers} == {400}
    assert all("authToken" in answer.json()["errorMsg"] for answer in answers)
    assert not AccountEntry.objects.exists()


def test_capture_of_what_was_never_priced_is_refused(member: Member, send: Send) -> None:
    answer = send(CAPTURE, about(authToken=held(send)))

    assert answer.status_code == 400
    assert "nothing has been priced" in answer.json()["errorMsg"]
    assert DashCartCharge.objects.get().state == "held"


# --- Cancel ---


def test_hold_is_given_up(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    token = held(send)

    answers = [send(CANCEL, about()) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["confirmation"] for answer in answers}) == 1
    assert DashCartCharge.objects.get().state == "cancelled"
    assert send(CAPTURE, about(authToken=token)).status_code == 400
    assert send(AUTHORIZE, about(**sources("MEMBER-1"))).status_code == 401
    assert not AccountEntry.objects.exists()


def test_captured_trip_cannot_be_cancelled(store: Store, member: Member, send: Send) -> None:
    previewed(store, "12.45")
    send(CAPTURE, about(authToken=held(send)))

    answer = send(CANCEL, about())

    assert answer.status_code == 400
    assert "was captured" in answer.json()["errorMsg"]
    assert DashCartCharge.objects.get().state == "captured"


def test_trip_that_nothing_is_held_for_is_confirmed_and_stays_cancelled(member: Member, send: Send) -> None:
    answers = [send(CANCEL, about()) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["confirmation"] for answer in answers}) == 1
    assert send(AUTHORIZE, about(**sources("MEMBER-1"))).status_code == 401
    assert send(CAPTURE, about(authToken="none")).status_code == 400


# --- Beside the finished cart ---


@pytest.mark.parametrize(("path", "is_collected"), [(None, True), (CAPTURE, False), (CANCEL, True)])
def test_what_a_dash_cart_pays_for_is_not_collected_again(
    path: str | None, is_collected: bool, store: Store, member: Member, send: Send
) -> None:
    trip_id = str(uuid4())
    previewed(store, "10.00", trip_id)
    if path:
        token = send(AUTHORIZE, about(trip_id, **sources("MEMBER-1"))).json()["authToken"]
        send(path, about(trip_id, **({"authToken": token} if path == CAPTURE else {})))

    priced_trip(("10.00", "1"), store=store, trip_id=trip_id)

    assert Charge.objects.exists() is is_collected


def test_what_is_collected_otherwise_is_not_held_by_a_dash_cart(store: Store, member: Member, send: Send) -> None:
    trip_id = str(uuid4())
    previewed(store, "10.00", trip_id)
    priced_trip(("10.00", "1"), store=store, trip_id=trip_id)

    answer = send(AUTHORIZE, about(trip_id, **sources("MEMBER-1")))

    assert answer.status_code == 401
    assert "collected otherwise" in answer.json()["errorMsg"]
    assert not DashCartCharge.objects.exists()


def test_what_is_collected_otherwise_is_not_taken_by_a_dash_cart(store: Store, member: Member, send: Send) -> None:
    """The hold and the price came at the same moment, so that neither saw the other."""
    trip_id = str(uuid4())
    previewed(store, "10.00", trip_id)
    token = send(AUTHORIZE, about(trip_id, **sources("MEMBER-1"))).json()["authToken"]
    DashCartCharge.objects.update(amazon_trip_id="not seen yet")
    priced_trip(("10.00", "1"), store=store, trip_id=trip_id)
    DashCartCharge.objects.update(amazon_trip_id=trip_id)

    answer = send(CAPTURE, about(trip_id, authToken=token))

    assert answer.status_code == 400
    assert "collected otherwise" in answer.json()["errorMsg"]
    assert not AccountEntry.objects.exists()


def test_a_priced_trip_whose_hold_is_cancelled_is_collected_otherwise(store: Store, member: Member, send: Send) -> None:
    trip_id = str(uuid4())
    previewed(store, "10.00", trip_id)
    send(AUTHORIZE, about(trip_id, **sources("MEMBER-1")))
    trip = priced_trip(("10.00", "1"), store=store, trip_id=trip_id)
    assert not Charge.objects.exists()

    answers = [send(CANCEL, about(trip_id)) for _ in range(2)]

    assert {answer.status_code for answer in answers} == {200}
    charge = Charge.objects.get()
    assert (charge.trip, charge.amount, charge.state) == (trip, trip.total, "pending")
    assert charge.next_attempt_at is not None


# --- Who may ask what ---


@pytest.mark.parametrize("path", [AUTHORIZE, CAPTURE, CANCEL])
def test_store_must_be_known_and_have_dash_carts(path: str, store: Store, send: Send) -> None:
    Store.objects.update(has_dash_cart=False)
    body = about(authToken="x", **sources("MEMBER-1"))

    without, unknown = send(path, body), send(path, body | {"storeId": "NOT-OURS"})

    assert (without.status_code, unknown.status_code) == (400, 400)
    assert STORE in without.json()["errorMsg"]
    assert "NOT-OURS" in unknown.json()["errorMsg"]
    assert not DashCartCharge.objects.exists()


@pytest.mark.parametrize("path", [AUTHORIZE, CAPTURE, CANCEL])
def test_caller_without_a_key_is_refused(path: str, member: Member, send: Send) -> None:
    assert send(path, about(authToken="x", **sources("MEMBER-1")), headers={}).status_code == 403
    assert not DashCartCharge.objects.exists()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        *((path, field) for path in (AUTHORIZE, CAPTURE, CANCEL) for field in ("storeId", "shoppingTripId")),
        *((path, field) for path in (AUTHORIZE, CAPTURE, CANCEL) for field in ("requestOrigin", "requestOrigin.id")),
        (AUTHORIZE, "paymentSources"),
        (AUTHORIZE, "paymentSources.0.id"),
        (CAPTURE, "authToken"),
    ],
)
@pytest.mark.parametrize("value", [..., None, 7])
def test_required_field_missing_is_refused_by_name(
    path: str, field: str, value: Any, member: Member, send: Send
) -> None:
    answer = send(path, changed(about(authToken="x", **sources("MEMBER-1")), field, value))

    assert answer.status_code == 400
    assert field.replace(".0.", "[0].") in answer.json()["errorMsg"]


# --- On PostgreSQL, with real connections ---


@pytest.fixture
def together() -> Callable[[Callable[[Send], None]], None]:
    """Do the same from six connections at once."""

    def run(act: Callable[[Send], None]) -> None:
        start = Barrier(6)

        def work() -> None:
            start.wait(timeout=10)
            act(sender(Client()))
            connection.close()

        threads = [Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    return run


Together = Callable[[Callable[[Send], None]], None]


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_many_at_once_hold_and_capture_once(store: Store, member: Member, together: Together) -> None:
    trips = [f"TRIP-{number}" for number in range(10)]
    for trip_id in trips:
        previewed(store, "12.45", trip_id)
    answers: dict[str, set[tuple[str, str]]] = {trip_id: set() for trip_id in trips}

    def pay(send: Send) -> None:
        for trip_id in trips:
            token = send(AUTHORIZE, about(trip_id, **sources("MEMBER-1"))).json()["authToken"]
            answers[trip_id].add((token, send(CAPTURE, about(trip_id, authToken=token)).json()["confirmation"]))

    together(pay)

    assert all(len(given) == 1 for given in answers.values()), answers
    assert AccountEntry.objects.count() == DashCartCharge.objects.count() == 10


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_capture_and_cancel_at_once_have_one_outcome(store: Store, member: Member, together: Together) -> None:
    trips = [f"TRIP-{number}" for number in range(10)]
    tokens = {}
    for trip_id in trips:
        previewed(store, "12.45", trip_id)
        tokens[trip_id] = sender(Client())(AUTHORIZE, about(trip_id, **sources("MEMBER-1"))).json()["authToken"]
    statuses: list[int] = []

    def end(send: Send) -> None:
        for trip_id in trips:
            statuses.append(send(CANCEL, about(trip_id)).status_code)
            statuses.append(send(CAPTURE, about(trip_id, authToken=tokens[trip_id])).status_code)

    together(end)

    captured = DashCartCharge.objects.filter(state="captured").count()
    assert AccountEntry.objects.count() == captured
    assert DashCartCharge.objects.filter(state="held").count() == 0
    assert set(statuses) <= {200, 400}


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_cancel_of_an_unknown_trip_many_times_at_once(store: Store, together: Together) -> None:
    confirmations: set[str] = set()

    together(lambda send: confirmations.add(send(CANCEL, about()).json()["confirmation"]))

    assert len(confirmations) == DashCartCharge.objects.count() == 1
