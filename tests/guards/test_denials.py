"""Whoever may not is told which right is missing, always in the same words, and who has it."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from core.rights import missing_right, refusal
from core.tests.staff import staff_with
from loyalty.tests.people import a_member
from payments.tests.admin_rows import a_store, paid_trip
from tests.guards.one_of_each import rows_at

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def nobody(client: Client) -> Client:
    """Of the staff, without a right."""
    client.force_login(staff_with(username="nobody"))
    return client


def said(answer: Any) -> str:
    """The text of the page, as a person reads it."""
    assert answer.status_code == 403, answer
    text: str = answer.context["said"]
    return text


def test_the_words_name_the_right_and_the_groups_that_have_it() -> None:
    Group.objects.all().delete()
    right, named = (
        "payments.request_refund",
        "You need the right “Can give a shopper money back” (payments.request_refund).",
    )
    whoever = "whoever manages the users here can"
    assert missing_right(right) == named
    assert refusal(right) == f"{named} No group has it; {whoever} give it to you."

    for count, name in enumerate(("associate", "manager", "finance"), start=1):
        Group.objects.create(name=name).permissions.add(Permission.objects.get(codename="request_refund"))
        expected = {
            1: f"The group associate has it; {whoever} add you to it.",
            2: f"The groups associate and manager have it; {whoever} add you to one.",
            3: f"The groups associate, finance and manager have it; {whoever} add you to one.",
        }[count]
        assert refusal(right) == f"{named} {expected}"


def test_every_right_is_named_by_what_it_allows() -> None:
    for right in Permission.objects.select_related("content_type"):
        name = f"{right.content_type.app_label}.{right.codename}"
        if right.content_type.model_class():
            assert missing_right(name) == f"You need the right “{right.name}” ({name})."


@pytest.mark.parametrize("model", admin.site._registry)
def test_djangos_own_pages_say_it(nobody: Client, model: type[Model]) -> None:
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    right = f"{model._meta.app_label}.{{}}_{model._meta.model_name}".format

    assert said(nobody.get(reverse(f"admin:{name}_changelist"))) == refusal(right("view"))
    assert said(nobody.get(reverse(f"admin:{name}_add"))) == refusal(right("add"))


@pytest.mark.parametrize("page", ["change", "delete"])
def test_pages_of_a_row_say_it(nobody: Client, page: str) -> None:
    rows = rows_at(a_store("Here"))
    for model, row in rows.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[row.pk])
        action = {"change": "view", "delete": "delete"}[page]
        right = f"{model._meta.app_label}.{action}_{model._meta.model_name}"
        assert said(nobody.get(address)) == refusal(right), address


def test_saving_needs_another_right_than_looking(client: Client) -> None:
    client.force_login(staff_with("stores.view_product"))
    product = rows_at(a_store("Here"))
    address = reverse(
        "admin:stores_product_change", args=[next(row.pk for m, row in product.items() if m.__name__ == "Product")]
    )

    assert client.get(address).status_code == 200
    assert said(client.post(address, {})) == refusal("stores.change_product")


def test_our_own_pages_say_it(client: Client) -> None:
    trip, member = paid_trip(), a_member()
    client.force_login(staff_with("orders.view_trip", "loyalty.view_member"))
    pages = {
        f"/admin/orders/trip/{trip.pk}/refund/": "payments.request_refund",
        f"/admin/orders/trip/{trip.pk}/retry-charge/": "payments.retry_charge",
        f"/admin/loyalty/member/{member.pk}/block/": "loyalty.block_member",
        "/admin/loyalty/member/import/": "loyalty.add_member",
        "/admin/loyalty/member/export/": "loyalty.view_code",
        "/admin/reconciliation/": "payments.view_charge",
        f"/admin/staff/user/{client.session['_auth_user_id']}/password/": "staff.change_user",
    }
    for address, right in pages.items():
        assert said(client.get(address)) == refusal(right), address


def test_the_page_is_one_of_the_admin_with_a_way_back(nobody: Client) -> None:
    came_from = "http://testserver/admin/"

    answer = nobody.get("/admin/orders/trip/", headers={"Referer": came_from})
    assert "admin/denied.html" in [template.name for template in answer.templates]
    assert answer.context["back"] == came_from
    assert f'href="{came_from}"' in answer.content.decode()

    for elsewhere in ("https://evil.example/", "http://testserver/admin/orders/trip/"):
        assert nobody.get("/admin/orders/trip/", headers={"Referer": elsewhere}).context["back"] == ""


def test_whoever_has_the_right_but_not_here_is_told_so(client: Client) -> None:
    person = staff_with("auth.add_group", "auth.view_group", sees_all_stores=False)
    client.force_login(person)

    assert said(client.get("/admin/auth/group/add/")).startswith("You have the right for this, but not here:")


def test_the_api_says_it_to_people(client: Client) -> None:
    a_member("ada-1")
    trip = paid_trip()
    client.force_login(staff_with("loyalty.view_member", "loyalty.change_member"))
    refund = f"/api/v1/trips/{trip.amazon_trip_id}/refunds/"

    def detail(answer: Any) -> str:
        assert answer.status_code == 403
        text: str = answer.json()["detail"]
        return text

    assert detail(client.get("/api/v1/trips/")) == refusal("orders.view_trip")
    assert detail(client.post(refund, {}, content_type="application/json")) == refusal("payments.request_refund")
    assert detail(client.post("/api/v1/members/", {})) == refusal("loyalty.add_member")
    assert detail(client.post("/api/v1/members/ada-1/scan-key/", {})) == refusal("loyalty.add_scankey")
    hidden = client.patch("/api/v1/members/ada-1/", {"name": "Eve"}, content_type="application/json")
    assert detail(hidden) == f"{refusal('loyalty.view_personal_data')} Or leave out name."


def test_a_key_that_only_reads_is_told_so(client: Client, settings: Any) -> None:
    settings.READ_API_KEYS = ["reader"]

    answer = client.post("/api/v1/members/", {}, headers={"Authorization": "Bearer reader"})

    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "This needs a key of WRITE_API_KEYS; yours only reads.",
    )


def test_people_who_are_no_staff_are_refused_by_the_api(client: Client) -> None:
    person = staff_with("orders.view_trip")
    person.is_staff = False
    person.save()
    client.force_login(person)

    assert client.get("/api/v1/trips/").status_code == 403


def test_the_words_stand_in_one_place() -> None:
    files = [
        *ROOT.glob("templates/**/*.html"),
        *(path for path in ROOT.glob("[a-z]*/**/*.py") if "tests" not in path.parts),
    ]
    saying = {str(path.relative_to(ROOT)) for path in files if "You need the right" in path.read_text()}

    assert saying == {"core/rights.py"}
