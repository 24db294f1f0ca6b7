"""What people maintain by hand is written down as it was, with who changed it: on every page, in every way."""

import runpy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse

from core.history import history_of, in_words
from core.tests.staff import staff_with
from loyalty.models import Promotion
from loyalty.services.erasure import anonymize_member
from loyalty.tests.people import a_member
from payments.models import (
    BlockedShopper,
    BulkLimit,
    GateRules,
    HouseAccount,
    PaymentMethod,
    RefundLimit,
    RefundReason,
)
from payments.services.house_accounts import locked
from payments.tests.admin_rows import a_product, a_store
from staff.models import User
from stores.models import Barcode, Product

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).resolve().parents[2]
# Pages that people add to, change or delete from, and that keep no history of this kind.
NO_HISTORY = {
    "loyalty.member": "personal data must be erasable; the admin's own log says who changed which field",
}
NO_BARCODES = {
    "barcodes-TOTAL_FORMS": "0",
    "barcodes-INITIAL_FORMS": "0",
}


@pytest.fixture
def boss(client: Client) -> Client:
    person = staff_with(username="boss")
    person.is_superuser = True
    person.save()
    client.force_login(person)
    return client


def told(model: type[Model], pk: Any = None) -> list[tuple[str, str, list[str]]]:
    """Oldest first: who, what was done, and each change in words."""
    rows = history_of(model) if pk is None else history_of(model).filter(id=pk)
    return [
        (row.actor, row.history_type, [str(change) for change in in_words(model, row.changes)])
        for row in rows.order_by("history_id")
    ]


def url_of(row: Model, page: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}", args=[row.pk])


def saved(answer: Any) -> None:
    assert answer.status_code == 302, answer.context["errors"] if answer.context else answer


# --- Every page ------------------------------------------------------------------------------------------------


def is_maintained(page: Any, request: Any) -> bool:
    return bool(
        page.has_add_permission(request) or page.has_change_permission(request) or page.has_delete_permission(request)
    )


def test_every_page_where_something_is_maintained_keeps_a_history() -> None:
    request = RequestFactory().get("/")
    request.user = staff_with(username="boss")
    request.user.is_superuser = True

    without = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if is_maintained(page, request) and not page.keeps_history
    }

    assert without == NO_HISTORY.keys()


def form_of(client: Client, row: Model) -> dict[str, Any]:
    """What the row's page would send, unchanged."""
    form = client.get(url_of(row)).context["adminform"].form
    said = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in said.items() if value is not None and value is not False}


def a_group() -> Group:
    return Group.objects.get_or_create(name="night shift")[0]


CHANGES: list[tuple[Callable[[], Model], dict[str, Any], list[str]]] = [
    (
        a_store,
        {"name": "Kiosk", "card_flow": "CHECKOUT_SERVICE"},
        [
            "Name: Corner shop → Kiosk",
            "Payment flow of card entries: Amazon's payment service → Amazon's checkout service",
        ],
    ),
    (lambda: a_product(a_store()), {"price": "4.50", **NO_BARCODES}, ["Price: 3.44 → 4.5"]),
    (
        lambda: Promotion.objects.create(store=a_store(), promotion_id="SPRING"),
        {"tier": "gold"},
        ["Tier: – → gold"],
    ),
    (
        lambda: GateRules.objects.create(store=a_store()),
        {"fallback": "accept", "denied_risks": "BadDebt", "most_held": "20"},
        [
            "Risks that deny: CustomerFraud, BadDebt, InvalidCard, ExpiredCard → BadDebt",
            "Most held: – → 20",
            "When the rules cannot be asked in time: let nobody in → let everybody in",
        ],
    ),
    (
        lambda: RefundReason.objects.create(label="Too cold", code="OTHER"),
        {"label": "Not warm"},
        ["Label: Too cold → Not warm"],
    ),
    (
        lambda: RefundLimit.objects.create(group=a_group(), currency="USD", most=Decimal(50)),
        {"most": "70.50"},
        ["At most: 50 → 70.5"],
    ),
    (
        lambda: BulkLimit.objects.create(group=a_group(), most_trips=10),
        {"most_trips": "20"},
        ["Trips at once: 10 → 20"],
    ),
    (
        lambda: PaymentMethod.objects.create(member=a_member(), customer="cus_1", method="pm_1"),
        {"method": "pm_2"},
        ["Method: changed"],
    ),
    (a_group, {"name": "day shift"}, ["Name: night shift → day shift"]),
]


@pytest.mark.parametrize(("make", "said", "expected"), CHANGES)
def test_a_change_on_a_page_is_written_down(
    boss: Client, make: Callable[[], Model], said: dict[str, Any], expected: list[str]
) -> None:
    row = make()

    saved(boss.post(url_of(row), form_of(boss, row) | said))
    saved(boss.post(url_of(row), form_of(boss, row) | (NO_BARCODES if isinstance(row, Product) else {})))  # no change

    assert sorted(told(type(row), row.pk)[-1][2]) == sorted(expected)
    assert [change[:2] for change in told(type(row), row.pk)] == [("", "+"), ("boss", "~")]
    page = boss.get(url_of(row, "history"))
    assert page.context["changes"][0].actor == "boss"
    for change in expected:
        assert change.replace("'", "&#x27;") in page.content.decode()


def test_what_is_added_and_deleted_is_written_down_with_all_it_says(boss: Client) -> None:
    store = a_store()
    said = {"shopper_id": "card-9", "reason": "Theft.", "store": store.pk}

    saved(boss.post("/admin/payments/blockedshopper/add/", said))
    block = BlockedShopper.objects.get()
    saved(boss.post(url_of(block, "delete"), {"post": "yes"}))

    assert told(BlockedShopper) == [
        ("boss", "+", ["Shopper id: – → card-9", "Store: – → Corner shop", "Reason: – → Theft."]),
        ("boss", "-", ["Shopper id: card-9 → –", "Store: Corner shop → –", "Reason: Theft. → –"]),
    ]
    gone = boss.get(reverse("admin:payments_blockedshopper_history", args=[history_of(BlockedShopper)[0].id]))
    assert "Reason: Theft. → –" in gone.content.decode()


def test_the_terms_of_a_house_account(boss: Client) -> None:
    saved(
        boss.post("/admin/payments/houseaccount/add/", {"member": a_member().pk, "currency": "USD", "kind": "invoice"})
    )
    account = HouseAccount.objects.get()
    boss.post(
        f"/admin/payments/houseaccount/{account.pk}/terms/", {"kind": "invoice", "most_owed": "20", "is_open": "on"}
    )

    assert told(HouseAccount) == [
        ("boss", "+", ["Currency: – → USD", "Kind: – → by invoice", "Open: – → yes"]),
        ("boss", "~", ["Limit: – → 20"]),
    ]
    assert url_of(account, "history") in boss.get(url_of(account)).content.decode()


def test_an_account_that_a_trip_opens_is_told_by_the_trip() -> None:
    locked(a_member(), "USD")

    assert told(HouseAccount) == []


def test_barcodes_stand_in_their_products_history(boss: Client) -> None:
    product = a_product(a_store())
    codes = {"barcodes-TOTAL_FORMS": "1", "barcodes-INITIAL_FORMS": "0", "barcodes-0-code": "4006381333931"}

    saved(boss.post(url_of(product), form_of(boss, product) | codes | {"barcodes-0-product": product.pk}))

    assert [change[:2] for change in told(Barcode)] == [("boss", "+")]
    assert "Barcode 4006381333931: Added" in " ".join(boss.get(url_of(product, "history")).content.decode().split())


def test_many_that_are_deleted_at_once_are_written_down_one_by_one(boss: Client) -> None:
    store = a_store()
    products = [a_product(store, sku) for sku in ("APPLE", "PEAR")]
    Barcode.objects.create(product=products[0], code="1")

    boss.post(
        "/admin/stores/product/",
        {"action": "delete_selected", "_selected_action": [product.pk for product in products], "post": "yes"},
    )

    assert not Product.objects.exists()
    for model, count in ((Product, 2), (Barcode, 1)):
        deleted = [row for row in history_of(model) if row.history_type == "-"]
        assert [row.actor for row in deleted] == ["boss"] * count


def test_what_a_list_changes_is_written_down(boss: Client) -> None:
    RefundReason.objects.all().delete()
    reason = RefundReason.objects.create(label="Too cold", code="OTHER")
    said = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": reason.pk, "form-0-position": "3"}

    saved(boss.post("/admin/payments/refundreason/", said | {"form-0-is_active": "on", "_save": "Save"}))

    assert told(RefundReason, reason.pk)[-1] == ("boss", "~", ["Position: 0 → 3"])


# --- People ----------------------------------------------------------------------------------------------------


def test_what_somebody_may_do_and_where_is_one_change(boss: Client) -> None:
    person, store, group = staff_with(username="new"), a_store(), a_group()
    person.groups.add(Group.objects.create(name="day shift"))
    before = len(told(User, person.pk))

    said = form_of(boss, person) | {"first_name": "Nell", "groups": [group.pk], "stores": [store.pk]}
    saved(boss.post(url_of(person), {key: value for key, value in said.items() if not key.startswith("last_login")}))

    assert told(User, person.pk)[before:] == [
        ("boss", "~", ["First name: – → Nell", "Groups: − day shift, + night shift", "Stores: + Corner shop"]),
    ]


def test_the_rights_of_a_group(boss: Client) -> None:
    group = a_group()
    right = Permission.objects.get(codename="request_refund")

    saved(boss.post(url_of(group), {"name": group.name, "permissions": [right.pk]}))
    saved(boss.post(url_of(group), {"name": group.name, "permissions": []}))

    assert told(Group, group.pk)[1:] == [
        ("boss", "~", ["Permissions: + Can give a shopper money back"]),
        ("boss", "~", ["Permissions: − Can give a shopper money back"]),
    ]


def test_a_group_gives_itself_to_people(boss: Client) -> None:
    person, group = staff_with(username="new"), a_group()

    group.user_set.add(person)

    assert told(User, person.pk)[-1] == ("", "~", ["Groups: + night shift"])


def test_a_new_password_is_noted_and_kept_nowhere(boss: Client) -> None:
    person = staff_with(username="new")
    said = {"password1": "correct-horse-battery", "password2": "correct-horse-battery", "usable_password": "true"}

    saved(boss.post(f"/admin/staff/user/{person.pk}/password/", said))

    row = history_of(User).filter(id=person.pk).first()
    assert (row.actor, row.changes) == ("boss", [{"name": "password"}])
    assert not hasattr(row, "password")
    person.refresh_from_db()
    assert all(person.password not in str(vars(each)) for each in history_of(User))


def test_signing_in_and_choosing_columns_changes_nobody(client: Client) -> None:
    person = staff_with("stores.view_store", username="new")
    before = len(told(User))

    client.post("/account/login/", {"login": "new", "password": "not-a-secret"})
    client.post("/admin/lists/stores.store/settings/", {"shown": ["mode"], "rows_per_page": "25"})

    assert len(told(User)) == before
    assert User.objects.get(pk=person.pk).last_login


@pytest.mark.parametrize("name", ["Amazon", "system", "api", "Stripe"])
def test_nobody_is_called_like_a_machine(boss: Client, name: str) -> None:
    said = {"username": name, "password1": "correct-horse-battery", "password2": "correct-horse-battery"}

    answer = boss.post("/admin/staff/user/add/", said | {"usable_password": "true"})

    assert "username" in answer.context["errors"].as_text() if hasattr(answer.context["errors"], "as_text") else True
    assert not User.objects.filter(username=name).exists()


# --- Without anybody -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)  # a command closes its connection
def test_a_command_says_which_one_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the command line itself."""
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct-horse-battery")
    monkeypatch.setattr(
        "sys.argv", ["manage.py", "createsuperuser", "--noinput", "--username=root", "--email=root@shop.example"]
    )

    runpy.run_path(str(ROOT / "manage.py"), run_name="__main__")

    row = history_of(User).get()
    assert (row.actor, row.history_change_reason) == ("", "manage.py createsuperuser")


# --- Who may see it --------------------------------------------------------------------------------------------


def test_the_history_needs_the_right_to_see_the_object(client: Client) -> None:
    store = a_store()
    client.force_login(staff_with("stores.view_product"))

    answer = client.get(url_of(store, "history"))

    assert answer.status_code == 403
    assert "(stores.view_store)" in answer.context["said"]


def test_a_deleted_row_elsewhere_is_not_there(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    person = staff_with("payments.view_blockedshopper", sees_all_stores=False)
    person.stores.add(here)
    client.force_login(person)
    blocks = [BlockedShopper.objects.create(shopper_id=f"card-{at.pk}", store=at, reason="-") for at in (here, there)]
    addresses = [url_of(block, "history") for block in blocks]
    BlockedShopper.objects.all().delete()

    assert [client.get(address).status_code for address in addresses] == [200, 404]


def test_people_elsewhere_and_their_history_are_not_there(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    manager = staff_with("staff.view_user", username="manager", sees_all_stores=False)
    near, far = (staff_with(username=name, sees_all_stores=False) for name in ("near", "far"))
    for person, store in ((manager, here), (near, here), (far, there)):
        person.stores.add(store)
    client.force_login(manager)

    assert [client.get(url_of(person, "history")).status_code for person in (near, far)] == [200, 404]


def test_a_page_links_to_its_history_and_one_without_does_not(boss: Client) -> None:
    store, member = a_store(), a_member()

    assert url_of(store, "history") in boss.get(url_of(store)).content.decode()
    assert url_of(member, "history") not in boss.get(url_of(member)).content.decode()


# --- Erased members --------------------------------------------------------------------------------------------


def test_nothing_of_an_erased_member_is_left_in_a_history() -> None:
    member = a_member("ada-1")
    BlockedShopper.objects.create(shopper_id="ada-1", reason="Ada shouted.")
    PaymentMethod.objects.create(member=member, customer="cus_ada", method="pm_ada")
    HouseAccount.objects.create(member=member, currency="USD")

    anonymize_member(member)

    kept = [vars(row) for model in (BlockedShopper, PaymentMethod, HouseAccount) for row in history_of(model)]
    assert len(kept) == 4
    assert not [row for row in kept if "ada" in str(row).lower()]
