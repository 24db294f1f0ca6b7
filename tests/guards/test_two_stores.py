"""Who works at one store is shown nothing of another, through whichever door they come."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, reverse

from core.tests.staff import staff_with
from loyalty.models import Promotion
from payments.models import BlockedShopper, Debt, Refund
from payments.tests.admin_rows import a_store, paid_trip, review_trip
from stores.models import Product, Store
from tests.guards.one_of_each import two_stores

pytestmark = pytest.mark.django_db

# Of no store, each for its reason.
OF_NO_STORE = {
    "auth.group": "a role, the same in every store",
    "loyalty.member": "a shopper goes where they like",
    "loyalty.pointsentry": "the member's, wherever they were earned",
    "payments.bulkjob": "a person's own; its trips are theirs to see",
    "payments.bulklimit": "of a role",
    "payments.houseaccount": "the member's",
    "payments.paymentmethod": "the member's",
    "payments.refundlimit": "of a role",
    "payments.refundreason": "the same in every store",
    "staff.personaldatalook": "of people whom one sees",
    "staff.user": "people who share one of one's stores",
}
MODELS = [model for model in admin.site._registry if admin.site._registry[model].store_path is not None]
Rows = dict[type[Model], Any]


@pytest.fixture
def stores() -> tuple[Rows, Rows]:
    return two_stores()


@pytest.fixture
def here(stores: tuple[Rows, Rows]) -> Rows:
    return stores[0]


@pytest.fixture
def there(stores: tuple[Rows, Rows]) -> Rows:
    return stores[1]


@pytest.fixture
def person(here: Rows) -> Any:
    """May do everything, at one store."""
    person = staff_with(sees_all_stores=False)
    person.stores.add(here[Store])
    person.user_permissions.set(Permission.objects.all())
    return person


@pytest.fixture
def clerk(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def words(answer: Any) -> str:
    assert answer.status_code == 200, answer
    return " ".join(answer.content.decode().split())


def snapshot() -> dict[str, list[Any]]:
    """All that stands in our tables."""
    ours = ("orders_", "payments_", "stores_", "loyalty_", "amazon_", "staff_user", "django_admin_log")
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names(cursor) if name.startswith(ours)]
        found = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {table} ORDER BY 1")
            found[table] = cursor.fetchall()
    return found


# --- Every page of the admin -----------------------------------------------------------------------------------


def test_every_page_of_the_admin_says_where_its_rows_belong() -> None:
    silent = {
        model._meta.label_lower
        for model, page in admin.site._registry.items()
        if not hasattr(page, "store_path") or page.store_path is None
    }
    assert silent == OF_NO_STORE.keys()


def test_the_rows_that_these_tests_start_from_are_of_every_such_page(here: Rows) -> None:
    assert set(here) >= set(MODELS)


@pytest.mark.parametrize("model", MODELS)
def test_a_list_holds_the_rows_of_ones_own_stores(clerk: Client, here: Rows, there: Rows, model: type[Model]) -> None:
    list_url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    everything = "?state=all" if model is Debt else ""

    listed = {row.pk for row in clerk.get(list_url + everything).context["cl"].result_list}

    assert here[model].pk in listed
    assert there[model].pk not in listed


def routes_of(page: Any) -> Iterator[str]:
    """The addresses of pages about one row, whose pk comes first."""
    for pattern in page.get_urls():
        if isinstance(pattern, URLPattern) and pattern.name and str(pattern.pattern).startswith("<"):
            yield pattern.name


def addresses(page: Any, pk: Any) -> Iterator[str]:
    for name in routes_of(page):
        for others in ([], [1]):
            try:
                yield reverse(f"admin:{name}", args=[pk, *others])
                break
            except NoReverseMatch:
                continue


@pytest.mark.parametrize("model", MODELS)
def test_a_row_elsewhere_is_not_there_and_nothing_is_done_to_it(clerk: Client, there: Rows, model: type[Model]) -> None:
    page, before = admin.site._registry[model], snapshot()

    tried = list(addresses(page, there[model].pk))
    for address in tried:
        for method in (clerk.get, clerk.post):
            answer = method(address, follow=True)
            # Django leads from a page of its own that finds no row to the start.
            was_led_away = answer.redirect_chain and answer.redirect_chain[-1][0] == "/admin/"
            assert answer.status_code in {403, 404, 405} or was_led_away, (address, method)

    assert len(tried) >= 3
    assert snapshot() == before


def test_whoever_is_everywhere_sees_both(here: Rows, there: Rows, client: Client) -> None:
    client.force_login(staff_with("payments.view_refund", username="controller"))

    listed = {row.pk for row in client.get("/admin/payments/refund/").context["cl"].result_list}

    assert listed == {here[Refund].pk, there[Refund].pk}


def test_somebody_without_a_store_sees_none(here: Rows, client: Client) -> None:
    client.force_login(staff_with("payments.view_refund", username="new", sees_all_stores=False))

    assert not client.get("/admin/payments/refund/").context["cl"].result_list


# --- Choices ---------------------------------------------------------------------------------------------------

FILTERED = [
    model
    for model in MODELS
    if model is not Store and any("store" in str(entry).lower() for entry in admin.site._registry[model].list_filter)
]


@pytest.mark.parametrize("model", FILTERED)
def test_a_filter_offers_ones_own_stores(clerk: Client, person: Any, there: Rows, model: type[Model]) -> None:
    """With two of them, because a filter with one choice is not shown."""
    person.stores.add(a_store("Second"))
    list_url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    page = words(clerk.get(list_url))

    assert "Second" in page
    assert "There" not in page


def test_stores_with_a_filter_are_most_of_them() -> None:
    assert len(FILTERED) >= 12


def test_a_filter_for_a_store_elsewhere_finds_nothing(clerk: Client, there: Rows) -> None:
    answer = clerk.get(f"/admin/payments/refund/?store__id__exact={there[Store].pk}")

    assert not answer.context["cl"].result_list


@pytest.mark.parametrize("field", ["product", "promotion", "gaterules", "blockedshopper"])
def test_stores_and_products_are_completed_from_ones_own(clerk: Client, field: str) -> None:
    app = {"product": "stores", "promotion": "loyalty"}.get(field, "payments")
    query = f"?app_label={app}&model_name={field}&field_name=store&term="

    found = clerk.get(f"/admin/autocomplete/{query}").json()["results"]

    assert [row["text"] for row in found] == ["Here"]


@pytest.mark.parametrize(
    ("address", "said", "model"),
    [
        ("/admin/stores/product/add/", {"name": "Pear", "sku": "PEAR", "price": "1", "unit": "unit"}, Product),
        ("/admin/loyalty/promotion/add/", {"promotion_id": "FALL", "is_active": "on"}, Promotion),
        ("/admin/payments/blockedshopper/add/", {"shopper_id": "card-9", "reason": "Theft."}, BlockedShopper),
    ],
)
def test_nothing_is_made_for_a_store_elsewhere(
    clerk: Client, here: Rows, there: Rows, address: str, said: dict[str, str], model: type[Model]
) -> None:
    empty = {"barcodes-TOTAL_FORMS": "0", "barcodes-INITIAL_FORMS": "0", "tax_rate": "0"}
    before = model._default_manager.count()

    refused = clerk.post(address, said | empty | {"store": there[Store].pk})
    assert model._default_manager.count() == before
    assert "Select a valid choice" in words(refused)

    clerk.post(address, said | empty | {"store": here[Store].pk})
    assert model._default_manager.count() == before + 1


# --- What counts for all stores --------------------------------------------------------------------------------


def test_a_block_in_all_stores_is_seen_by_all_and_lifted_by_who_is_everywhere(
    clerk: Client, client: Client, here: Rows
) -> None:
    block = BlockedShopper.objects.create(shopper_id="card-3", reason="Fraud.", blocked_by="admin")
    row = f"/admin/payments/blockedshopper/{block.pk}/"
    chosen = {"action": "delete_selected", "_selected_action": block.pk, "post": "yes"}

    assert "card-3" in words(clerk.get("/admin/payments/blockedshopper/"))
    assert clerk.post(f"{row}delete/", {"post": "yes"}).status_code == 403
    clerk.post("/admin/payments/blockedshopper/", chosen)
    assert BlockedShopper.objects.filter(pk=block.pk).exists()

    client.force_login(
        staff_with("payments.view_blockedshopper", "payments.delete_blockedshopper", username="controller")
    )
    client.post(f"{row}delete/", {"post": "yes"})
    assert not BlockedShopper.objects.filter(pk=block.pk).exists()


def test_a_block_in_all_stores_is_made_by_who_is_everywhere(clerk: Client, client: Client) -> None:
    said = {"shopper_id": "card-9", "reason": "Theft.", "store": ""}

    assert "This field is required" in words(clerk.post("/admin/payments/blockedshopper/add/", said))
    assert not BlockedShopper.objects.filter(shopper_id="card-9").exists()

    client.force_login(staff_with("payments.add_blockedshopper", username="controller"))
    client.post("/admin/payments/blockedshopper/add/", said)
    assert BlockedShopper.objects.get(shopper_id="card-9").store is None


def test_ones_own_block_is_lifted(clerk: Client, here: Rows) -> None:
    clerk.post(f"/admin/payments/blockedshopper/{here[BlockedShopper].pk}/delete/", {"post": "yes"})

    assert not BlockedShopper.objects.filter(pk=here[BlockedShopper].pk).exists()


def test_roles_are_changed_by_who_is_everywhere(clerk: Client) -> None:
    for name in ("auth/group", "payments/refundlimit", "payments/bulklimit"):
        assert clerk.get(f"/admin/{name}/").status_code == 200
        assert clerk.post(f"/admin/{name}/add/", {"name": "night shift"}).status_code == 403


# --- Trips -----------------------------------------------------------------------------------------------------


def test_an_exact_search_leads_to_ones_own_trip_alone(clerk: Client, here: Rows, there: Rows) -> None:
    for refund, is_own in ((here[Refund], True), (there[Refund], False)):
        trip = refund.charge.trip
        for term in (trip.amazon_trip_id, refund.refund_request_id):
            answer = clerk.get(f"/admin/orders/trip/?q={term}")
            if is_own:
                assert answer.url == f"/admin/orders/trip/{trip.pk}/change/"
            else:
                assert not answer.context["cl"].result_list


def test_the_last_four_find_ones_own_trips(clerk: Client, here: Rows, there: Rows) -> None:
    found = clerk.get("/admin/orders/trip/?q=4242").context["cl"].result_list

    assert [trip.pk for trip in found] == [here[Refund].charge.trip_id]


def test_what_needs_a_look_is_counted_at_ones_own_stores(clerk: Client, client: Client, here: Rows) -> None:
    elsewhere = a_store("There")
    for _ in range(3):
        review_trip(store=elsewhere)
    badge = ">{}<"

    mine = words(clerk.get("/admin/stores/product/"))
    client.force_login(staff_with("orders.view_trip", "stores.view_product", username="controller"))
    everybodys = words(client.get("/admin/stores/product/"))

    assert badge.format(1) in mine.replace("> ", ">").replace(" <", "<")
    assert badge.format(5) in everybodys.replace("> ", ">").replace(" <", "<")


def test_other_trips_of_a_shopper_are_shown_of_ones_own_stores(clerk: Client, here: Rows, there: Rows) -> None:
    trip = here[Refund].charge.trip
    another = paid_trip(store=trip.store, member=trip.member)
    elsewhere = paid_trip(store=there[Store], member=trip.member)

    page = words(clerk.get(f"/admin/orders/trip/{trip.pk}/change/"))

    assert f"/admin/orders/trip/{another.pk}/change/" in page
    assert f"/admin/orders/trip/{elsewhere.pk}/change/" not in page
    assert elsewhere.amazon_trip_id not in page


def test_what_a_shopper_owes_is_summed_over_ones_own_stores(clerk: Client, client: Client, here: Rows) -> None:
    def owed(client: Client) -> int:
        [row] = [row for row in client.get("/admin/payments/debt/").context["cl"].result_list if row == here[Debt]]
        return int(row.owed_in_all)

    client.force_login(staff_with("payments.view_debt", username="controller"))
    assert (owed(clerk), owed(client)) == (4, 8)
    assert "$8.00" not in words(clerk.get(f"/admin/payments/debt/{here[Debt].pk}/change/"))


def test_products_of_a_review_are_those_of_its_store(clerk: Client, here: Rows, there: Rows) -> None:
    trip = review_trip(store=here[Store])
    line = trip.lines.get()

    page = clerk.get(f"/admin/orders/trip/{trip.pk}/lines/{line.pk}/product/")
    assert [product for product, _ in page.context["products"]] == [here[Product]]

    clerk.post(f"/admin/orders/trip/{trip.pk}/lines/{line.pk}/product/", {"product": there[Product].pk})
    line.refresh_from_db()
    assert line.product is None


# --- Members, who belong to no store ---------------------------------------------------------------------------


def test_a_members_page_shows_where_they_were_at_ones_own_stores(clerk: Client, here: Rows, there: Rows) -> None:
    member = here[Refund].charge.trip.member
    elsewhere = paid_trip(store=there[Store], member=member)

    page = words(clerk.get(f"/admin/loyalty/member/{member.pk}/change/"))

    assert here[Refund].charge.trip.amazon_trip_id in page
    assert elsewhere.amazon_trip_id not in page
    assert "There" not in page


# --- Reconciliation --------------------------------------------------------------------------------------------


def test_one_compares_ones_own_stores(clerk: Client, here: Rows, there: Rows) -> None:
    page = clerk.get("/admin/reconciliation/")
    assert list(page.context["form"].fields["store"].queryset) == [here[Store]]

    said = {"store": there[Store].pk, "against": "books", "columns": "plain"}
    assert "Select a valid choice" in words(clerk.post("/admin/reconciliation/", said))


# --- The API, by session ---------------------------------------------------------------------------------------


def test_the_api_shows_ones_own_trips(clerk: Client, here: Rows, there: Rows) -> None:
    mine, other = here[Refund].charge.trip, there[Refund].charge.trip

    listed = clerk.get("/api/v1/trips/").json()["results"]
    assert [trip["trip_id"] for trip in listed] == [mine.amazon_trip_id]
    assert clerk.get(f"/api/v1/trips/{mine.amazon_trip_id}/").status_code == 200
    assert clerk.get(f"/api/v1/trips/{other.amazon_trip_id}/").status_code == 404


def test_the_api_knows_a_store_elsewhere_as_little_as_one_that_does_not_exist(clerk: Client, there: Rows) -> None:
    elsewhere, nowhere = (clerk.get(f"/api/v1/trips/?store={name}") for name in ("there", "nowhere"))

    assert (elsewhere.status_code, nowhere.status_code) == (400, 400)
    assert elsewhere.json() == nowhere.json()
    assert clerk.get("/api/v1/trips/?store=here").status_code == 200


def test_the_api_refunds_nothing_elsewhere(clerk: Client, here: Rows, there: Rows) -> None:
    said = {"refund_request_id": "6b1f0c5e-0000-4000-8000-000000000000", "amount": "1.00", "reason": "OTHER"}
    before = snapshot()

    def refund(trip: Any) -> int:
        address = f"/api/v1/trips/{trip.amazon_trip_id}/refunds/"
        return clerk.post(address, said, content_type="application/json").status_code

    assert refund(there[Refund].charge.trip) == 404
    assert snapshot() == before
    assert refund(here[Refund].charge.trip) == 201


def test_a_key_of_the_retailer_sees_all_stores(client: Client, settings: Any, here: Rows, there: Rows) -> None:
    settings.READ_API_KEYS = ["reader"]

    listed = client.get("/api/v1/trips/", headers={"Authorization": "Bearer reader"}).json()["results"]

    assert len(listed) == 2
