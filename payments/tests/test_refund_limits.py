"""How much of a trip a person may give back, by their groups."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from core.errors import Conflict
from core.tests.staff import staff_with
from orders.models import Trip
from payments.models import Refund, RefundLimit
from payments.services.refund_approval import approve_refund
from payments.services.refunds import request_refund, retry_refund
from payments.tests.admin_rows import a_refund, a_store, paid_trip
from staff.models import User

pytestmark = pytest.mark.django_db


def a_group(name: str, *rights: str, most: str | None = None, currency: str = "USD") -> Group:
    group = Group.objects.get_or_create(name=name)[0]
    for right in rights or ("payments.request_refund", "payments.approve_refund"):
        app, codename = right.split(".")
        group.permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    if most is not None:
        RefundLimit.objects.create(group=group, currency=currency, most=Decimal(most))
    return group


@pytest.fixture(autouse=True)
def no_other_groups() -> None:
    Group.objects.all().delete()


def somebody(*groups: Group, username: str = "clerk", rights: tuple[str, ...] = ()) -> str:
    person = staff_with("orders.view_trip", *rights, username=username)
    person.groups.set(groups)
    return username


def refund(trip: Trip, amount: str, actor: str = "clerk", **options: Any) -> Refund:
    return request_refund(
        trip, refund_request_id=uuid4(), actor=actor, reason="OTHER", amount=Decimal(amount), **options
    )


def test_a_person_gives_back_no_more_than_their_group_may() -> None:
    somebody(a_group("associate", most="20"))
    a_group("manager", most="100")
    a_group("finance")
    a_group("trainee", most="5")
    a_group("guest", "orders.view_trip")

    with pytest.raises(Conflict) as refused:
        refund(paid_trip("50.00"), "20.01")

    said = "You may give back $20.00 of a trip. Who may give back more is in one of these groups: finance, manager."
    assert (refused.value.message, refused.value.field) == (said, "amount")
    assert refund(paid_trip("50.00"), "20.00").amount == 20


def test_several_refunds_are_no_way_around_it() -> None:
    somebody(a_group("associate", most="20"))
    trip = paid_trip("50.00")
    refund(trip, "15.00")

    with pytest.raises(Conflict, match=r"You may give back \$20\.00 of a trip, and \$15\.00 of that is given"):
        refund(trip, "5.01")
    refund(trip, "5.00")
    refund(paid_trip("50.00"), "20.00")


def test_what_failed_was_not_given() -> None:
    somebody(a_group("associate", most="20"))
    trip = paid_trip("50.00")
    a_refund(trip, "15.00", "failed", requested_by="clerk")
    a_refund(trip, "15.00", "done", requested_by="another")

    assert refund(trip, "20.00").amount == 20


def test_the_best_of_the_groups_counts() -> None:
    somebody(a_group("associate", most="20"), a_group("manager", most="40"), a_group("guest", "orders.view_trip"))

    with pytest.raises(Conflict):
        refund(paid_trip("50.00"), "40.01")
    assert refund(paid_trip("50.00"), "40.00").amount == 40


def test_a_group_without_a_limit_in_the_currency_has_none() -> None:
    somebody(a_group("associate", most="20", currency="EUR"))

    assert refund(paid_trip("50.00"), "50.00").amount == 50


def test_a_group_that_may_refund_nothing_by_hand_refunds_nothing() -> None:
    somebody(a_group("associate", most="0"))

    with pytest.raises(Conflict, match=r"No group may give back more\."):
        refund(paid_trip("50.00"), "0.01")


def test_a_superuser_and_a_system_have_no_limit() -> None:
    somebody(a_group("associate", most="20"), username="admin")
    User.objects.filter(username="admin").update(is_superuser=True)

    for actor in ("admin", "API"):
        assert refund(paid_trip("50.00"), "50.00", actor).amount == 50


def test_a_right_of_ones_own_lifts_no_limit_of_ones_group() -> None:
    somebody(a_group("associate", most="20"), rights=("payments.request_refund",))
    a_group("trainee", most="5")

    with pytest.raises(Conflict, match=r"You may give back \$20\.00 of a trip"):
        refund(paid_trip("50.00"), "20.01")
    assert refund(paid_trip("50.00"), "20.00").amount == 20


def test_a_right_of_ones_own_alone_reaches_as_far_as_the_group_that_may_least() -> None:
    """Limits of groups without the right, and in other currencies, say nothing about it."""
    somebody(a_group("guest", "orders.view_trip", most="1"), rights=("payments.request_refund",))
    a_group("finance")
    a_group("manager", most="100")
    a_group("associate", most="20")
    a_group("associate", most="2", currency="EUR")

    with pytest.raises(Conflict, match=r"You may give back \$20\.00 .*finance, manager\."):
        refund(paid_trip("50.00"), "20.01")
    assert refund(paid_trip("50.00"), "20.00").amount == 20


def test_a_right_of_ones_own_has_no_limit_where_no_group_has_one() -> None:
    """The negative control: limits are for who sets some."""
    a_group("associate")
    somebody(rights=("payments.request_refund",))

    assert refund(paid_trip("50.00"), "50.00").amount == 50


def test_who_approves_by_a_right_of_ones_own_is_limited_too() -> None:
    store = a_store(refund_approval_above=Decimal(10))
    somebody(username="lead", rights=("payments.approve_refund",))
    a_group("manager", most="25")
    somebody(a_group("finance"), username="finance")
    awaiting = refund(paid_trip("50.00", store=store), "30.00", "finance")

    with pytest.raises(Conflict, match=r"You may give back \$25\.00"):
        approve_refund(awaiting, actor="lead")


def test_whoever_sends_a_failed_refund_again_must_be_allowed_as_much() -> None:
    somebody(a_group("associate", most="20"))
    somebody(a_group("manager", most="100"), username="manager")
    failed = a_refund(paid_trip("50.00"), "30.00", "failed", requested_by="manager")

    with pytest.raises(Conflict, match=r"You may give back \$20\.00"):
        retry_refund(failed, actor="clerk")
    retry_refund(failed, actor="manager")


def test_whoever_approves_must_be_allowed_as_much() -> None:
    store = a_store(refund_approval_above=Decimal(10))
    somebody(a_group("lead", most="20"), username="lead")
    somebody(a_group("manager", most="100"), username="manager")
    somebody(a_group("finance"), username="finance")
    awaiting = refund(paid_trip("50.00", store=store), "30.00", "finance")

    with pytest.raises(Conflict, match=r"You may give back \$20\.00 of a trip\. .*finance, manager\."):
        approve_refund(awaiting, actor="lead")
    with pytest.raises(Conflict, match="Whoever asked"):
        approve_refund(awaiting, actor="finance")
    approve_refund(awaiting, actor="manager")


def test_what_one_approved_counts_as_given() -> None:
    store = a_store(refund_approval_above=Decimal(10))
    somebody(a_group("lead", most="20"), username="lead")
    trip = paid_trip("50.00", store=store)
    first, second = (refund(trip, "11.00", actor) for actor in ("one", "two"))
    approve_refund(first, actor="lead")

    with pytest.raises(Conflict, match=r"\$11\.00 of that is given"):
        approve_refund(second, actor="lead")


# --- Doors -----------------------------------------------------------------------------------------------------


@pytest.fixture
def clerk(client: Client) -> Client:
    somebody(a_group("associate", most="20"), rights=("payments.refund_amount",))
    client.force_login(User.objects.get(username="clerk"))
    return client


def test_the_dialog_says_how_much(clerk: Client) -> None:
    trip = paid_trip("50.00")
    a_refund(trip, "5.00", "done", requested_by="clerk")

    page = " ".join(clerk.get(f"/admin/orders/trip/{trip.pk}/refund/").content.decode().split())

    assert "You yourself may give back up to <strong>$15.00</strong> of it." in page


def test_the_api_by_session_is_limited_and_by_key_is_not(clerk: Client, client: Client, settings: Any) -> None:
    settings.WRITE_API_KEYS = ["writer"]
    trip = paid_trip("50.00")
    address = f"/api/v1/trips/{trip.amazon_trip_id}/refunds/"

    def ask(**headers: str) -> Any:
        said = {"refund_request_id": str(uuid4()), "amount": "20.01", "reason": "OTHER"}
        return clerk.post(address, said, content_type="application/json", headers=headers)

    refused = ask()
    assert (refused.status_code, refused.json()["field"]) == (409, "amount")
    assert "You may give back $20.00" in refused.json()["detail"]
    assert not Refund.objects.exists()
    assert ask(Authorization="Bearer writer").status_code == 201


# --- Who sets them ---------------------------------------------------------------------------------------------

LIMITS = "/admin/payments/refundlimit/"
RIGHTS = [f"payments.{verb}_refundlimit" for verb in ("view", "add", "change", "delete")]


def test_a_limit_is_set_for_a_group_that_one_is_not_in(client: Client) -> None:
    own, other = a_group("finance", most="100"), a_group("associate")
    somebody(own, username="head", rights=tuple(RIGHTS))
    client.force_login(User.objects.get(username="head"))
    mine = RefundLimit.objects.get()

    client.post(f"{LIMITS}add/", {"group": other.pk, "currency": "usd", "most": "20"})
    assert str(RefundLimit.objects.get(group=other)) == "associate: USD 20"
    client.post(f"{LIMITS}add/", {"group": own.pk, "currency": "EUR", "most": "1000"})
    assert client.post(f"{LIMITS}{mine.pk}/change/", {"most": "1000"}).status_code == 403
    assert client.post(f"{LIMITS}{mine.pk}/delete/", {"post": "yes"}).status_code == 403

    assert [str(limit) for limit in RefundLimit.objects.filter(group=own)] == ["finance: USD 100"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"currency": "XXX1"}, "currency"),
        ({"currency": "QQQ"}, "currency"),
        ({"most": "-1"}, "most"),
        ({"most": "1.005"}, "most"),
        ({"most": ""}, "most"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused_at_its_field(
    admin_client: Client, said: dict[str, str], field: str
) -> None:
    stands = {"group": a_group("associate").pk, "currency": "USD", "most": "20"}

    answer = admin_client.post(f"{LIMITS}add/", stands | said)

    assert field in answer.context["adminform"].form.errors
    assert not RefundLimit.objects.exists()
