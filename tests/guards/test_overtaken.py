"""Of two who change the same configuration at once, the later one is told, on every page that keeps a history."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.admin import overtaking
from core.admin.overtaking import VERSION
from core.history import history_of
from core.tests.staff import staff_with
from loyalty.models import Promotion
from payments.tests.admin_rows import a_product, a_store
from stores.models import Barcode, Product, Store
from tests.guards.test_history import CHANGES, NO_BARCODES, form_of, saved, url_of

pytestmark = pytest.mark.django_db

REFUSED = "Nothing was saved: somebody else changed this while you had it open."
HIDDEN = re.compile(f'name="{VERSION}" value="([0-9.]+)"')


def signed_in(username: str) -> Client:
    person = staff_with(username=username)
    person.is_superuser = True
    person.save()
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def anna() -> Client:
    return signed_in("anna")


@pytest.fixture
def ben() -> Client:
    return signed_in("ben")


def opened(client: Client, row: Model) -> dict[str, Any]:
    """What the row's page would send, unchanged, with its version."""
    barcodes = NO_BARCODES if isinstance(row, Product) else {}
    return form_of(client, row) | barcodes | {VERSION: version_in(client.get(url_of(row)))}


def version_in(page: Any) -> str:
    [version] = HIDDEN.findall(page.content.decode())
    return str(version)


def words(page: Any) -> str:
    text = re.sub(r"<[^>]+>", " ", page.content.decode()).replace("&#x27;", "'")
    return " ".join(text.split())


@pytest.mark.parametrize(("make", "said", "expected"), CHANGES)
def test_the_later_one_is_told_and_saves_again(
    anna: Client, ben: Client, make: Callable[[], Model], said: dict[str, Any], expected: list[str]
) -> None:
    row = make()
    form = opened(anna, row)
    saved(ben.post(url_of(row), opened(ben, row) | said))
    changes = history_of(type(row)).count()

    refusal = anna.post(url_of(row), form)

    assert refusal.status_code == 200
    assert history_of(type(row)).count() == changes
    assert REFUSED in words(refusal)
    assert ", ben " in words(refusal)
    for change in expected:
        assert change in words(refusal)
    saved(anna.post(url_of(row), form | {VERSION: version_in(refusal)}))


def test_what_was_typed_stands_and_is_saved_the_second_time(anna: Client, ben: Client) -> None:
    store = a_store()
    form = opened(anna, store) | {"receipt_header": "Thank you"}
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Kiosk"}))

    refusal = anna.post(url_of(store), form)

    typed = refusal.context["adminform"].form
    assert (typed["receipt_header"].value(), typed["name"].value()) == ("Thank you", "Corner shop")
    store.refresh_from_db()
    assert (store.name, store.receipt_header) == ("Kiosk", "")
    saved(anna.post(url_of(store), form | {VERSION: version_in(refusal), "name": "Kiosk"}))
    store.refresh_from_db()
    assert (store.name, store.receipt_header) == ("Kiosk", "Thank you")


def test_the_time_is_the_stores(anna: Client, ben: Client) -> None:
    store = a_store(time_zone="Asia/Tokyo")
    form = opened(anna, store)
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Kiosk"}))
    history_of(Store).filter(actor="ben").update(history_date=datetime(2026, 11, 27, 20, 5, tzinfo=UTC))

    refusal = words(anna.post(url_of(store), form))

    assert "28 Nov 2026, 05:05 JST" in refusal
    assert ", ben Name: Corner shop → Kiosk" in refusal


def a_clerk_at(store: Store) -> Client:
    clerk = staff_with("loyalty.change_promotion", "stores.view_store", username="clerk", sees_all_stores=False)
    clerk.stores.add(store)
    client = Client()
    client.force_login(clerk)
    return client


def test_only_what_the_history_page_shows_is_told(ben: Client) -> None:
    """What happened while the row belonged to another store is that store's."""
    store, other = a_store(), a_store("Kiosk")
    row = Promotion.objects.create(store=store, promotion_id="SPRING")
    clerk = a_clerk_at(store)
    form = opened(clerk, row)
    for said in ({"store": other.pk, "tier": "gold"}, {"store": store.pk, "tier": "silver"}):
        saved(ben.post(url_of(row), opened(ben, row) | said))

    refusal, history = clerk.post(url_of(row), form), clerk.get(url_of(row, "history"))

    for page in (refusal, history):
        assert "Tier: gold → silver" in words(page)
        assert "– → gold" not in words(page)
    assert REFUSED in words(refusal)
    assert "Tier: – → gold" in words(ben.get(url_of(row, "history")))


def test_what_one_does_not_see_is_not_saved_over_either(ben: Client) -> None:
    store = a_store()
    row = Promotion.objects.create(store=store, promotion_id="SPRING")
    clerk = a_clerk_at(store)
    form = opened(clerk, row)
    saved(ben.post(url_of(row), opened(ben, row) | {"tier": "gold"}))
    history_of(Promotion).update(at_store=a_store("Kiosk").pk)

    refusal = clerk.post(url_of(row), form)

    assert REFUSED in words(refusal)
    assert "Tier: – → gold" not in words(refusal)
    saved(clerk.post(url_of(row), form | {VERSION: version_in(refusal)}))


def test_a_third_one_who_saves_between_is_told_of_too(anna: Client, ben: Client) -> None:
    """Saving again is no way past somebody else."""
    store = a_store()
    form = opened(anna, store)
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Kiosk"}))
    refusal = anna.post(url_of(store), form)
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Booth"}))

    second = anna.post(url_of(store), form | {VERSION: version_in(refusal)})

    assert "Name: Kiosk → Booth" in words(second)
    assert "Corner shop → Kiosk" not in words(second)


def test_a_barcode_that_a_colleague_added_counts(anna: Client, ben: Client) -> None:
    product = a_product(a_store())
    form = opened(anna, product)
    codes = {"barcodes-TOTAL_FORMS": "1", "barcodes-0-code": "4006381333931", "barcodes-0-product": product.pk}
    saved(ben.post(url_of(product), opened(ben, product) | codes))

    refusal = anna.post(url_of(product), form | {"price": "1.00"})

    assert "ben – Barcode 4006381333931: Added" in words(refusal)
    assert Barcode.objects.count() == 1


def with_barcodes(product: Product, *codes: str) -> dict[str, Any]:
    """What the form sends of them."""
    kept = list(product.barcodes.filter(code__in=codes).order_by("pk"))
    said = {"barcodes-TOTAL_FORMS": str(len(codes)), "barcodes-INITIAL_FORMS": str(len(kept))}
    for number, code in enumerate([*(one.code for one in kept), *(code for code in codes[len(kept) :])]):
        said |= {f"barcodes-{number}-code": code, f"barcodes-{number}-product": str(product.pk)}
        said |= {f"barcodes-{number}-id": str(kept[number].pk)} if number < len(kept) else {}
    return said


def sent_by(page: Any) -> dict[str, Any]:
    """What the page as it stands would send."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    said = {field.html_name: field.value() for form in forms for field in form}
    return {name: value for name, value in said.items() if value is not None and value is not False}


def wrong_with_barcodes(page: Any) -> str:
    [inline] = page.context["inline_admin_formsets"]
    return " ".join(error for form in inline.formset.errors for errors in form.values() for error in errors)


CODES = ("4006381333931", "4006381333948", "4006381333955")


def a_product_with_barcodes() -> Product:
    product = a_product(a_store())
    for code in CODES:
        Barcode.objects.create(product=product, code=code)
    return product


def test_a_barcode_that_a_colleague_removed_is_gone_and_the_rest_is_saved(anna: Client, ben: Client) -> None:
    product = a_product_with_barcodes()
    typed = {"price": "1.00", "barcodes-2-code": "5000000000005"}
    added = {"barcodes-3-code": "6000000000006", "barcodes-3-product": product.pk, "barcodes-TOTAL_FORMS": "4"}
    form = opened(anna, product) | with_barcodes(product, *CODES) | typed | added
    saved(
        ben.post(url_of(product), opened(ben, product) | with_barcodes(product, *CODES) | {"barcodes-0-DELETE": "on"})
    )

    refusal = anna.post(url_of(product), form)

    assert f"ben – Barcode {CODES[0]}: Deleted" in words(refusal)
    assert wrong_with_barcodes(refusal) == ""
    saved(anna.post(url_of(product), sent_by(refusal) | {VERSION: version_in(refusal)}))
    assert set(product.barcodes.values_list("code", flat=True)) == {CODES[1], "5000000000005", "6000000000006"}
    product.refresh_from_db()
    assert product.price == 1


def test_one_that_one_removed_oneself_in_another_tab_is_gone_too(anna: Client) -> None:
    product = a_product_with_barcodes()
    form = opened(anna, product) | with_barcodes(product, *CODES)
    saved(anna.post(url_of(product), form | {"barcodes-1-DELETE": "on"}))

    saved(anna.post(url_of(product), form | {"price": "1.00"}))

    assert set(product.barcodes.values_list("code", flat=True)) == {CODES[0], CODES[2]}


def test_without_that_a_removed_barcode_is_asked_for_for_ever(
    anna: Client, ben: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control."""
    monkeypatch.setattr(overtaking, "_without_gone", lambda said, prefix, there: said)
    product = a_product_with_barcodes()
    form = opened(anna, product) | with_barcodes(product, *CODES)
    saved(ben.post(url_of(product), form | {"barcodes-0-DELETE": "on"}))

    for _ in range(3):
        refusal = anna.post(url_of(product), form)
        assert "Select a valid choice" in wrong_with_barcodes(refusal)
        form |= {VERSION: version_in(refusal)}


@pytest.mark.parametrize("count", ["x", "-1", "9" * 5000])
def test_counts_that_are_none_are_refused_and_no_error(anna: Client, ben: Client, count: str) -> None:
    product = a_product_with_barcodes()
    form = opened(anna, product) | with_barcodes(product, *CODES)
    saved(ben.post(url_of(product), form | {"barcodes-0-DELETE": "on"}))

    refusal = anna.post(url_of(product), form | {"barcodes-INITIAL_FORMS": count})

    assert refusal.status_code == 200
    assert REFUSED in words(refusal)


def test_what_one_saved_oneself_is_no_surprise(anna: Client) -> None:
    """In another tab, or by pressing the button twice."""
    store = a_store()
    form = opened(anna, store)
    saved(anna.post(url_of(store), form | {"name": "Kiosk"}))

    saved(anna.post(url_of(store), form | {"name": "Booth"}))


def test_a_save_that_changed_nothing_overtakes_nobody(anna: Client, ben: Client) -> None:
    store = a_store()
    form = opened(anna, store)
    saved(ben.post(url_of(store), opened(ben, store)))

    saved(anna.post(url_of(store), form | {"name": "Kiosk"}))


def test_without_the_version_the_later_one_wins(anna: Client, ben: Client) -> None:
    """The negative control: so it was, and so it is for what did not open the form."""
    store = a_store()
    form = opened(anna, store)
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Kiosk"}))
    del form[VERSION]

    saved(anna.post(url_of(store), form | {"name": "Booth"}))

    store.refresh_from_db()
    assert store.name == "Booth"


@pytest.mark.parametrize("version", ["x'.-1", "9" * 5000, "²", ""])
def test_a_version_that_is_none_is_refused(anna: Client, ben: Client, version: str) -> None:
    store = a_store()
    form = opened(anna, store)
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Kiosk"}))

    assert REFUSED in words(anna.post(url_of(store), form | {VERSION: version}))


@pytest.mark.parametrize("page", ["change", "history"])
def test_an_address_that_is_none_is_no_error(anna: Client, page: str) -> None:
    assert anna.get(f"/admin/stores/store/{'9' * 5000}/{page}/").status_code in {302, 404}


def test_what_is_wrong_besides_is_said_too(anna: Client, ben: Client) -> None:
    store = a_store()
    form = opened(anna, store) | {"name": ""}
    saved(ben.post(url_of(store), opened(ben, store) | {"name": "Kiosk"}))

    refusal = anna.post(url_of(store), form)

    assert REFUSED in words(refusal)
    assert "name" in refusal.context["adminform"].form.errors


def test_a_form_for_a_new_row_has_no_version(anna: Client) -> None:
    assert not HIDDEN.search(anna.get("/admin/stores/store/add/").content.decode())


def test_who_may_only_look_is_asked_for_none() -> None:
    client = Client()
    client.force_login(staff_with("stores.view_store"))

    assert not HIDDEN.search(client.get(url_of(a_store())).content.decode())


def test_it_costs_one_statement(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    product = a_product(a_store())
    anna.get(url_of(product))

    with CaptureQueriesContext(connection) as queries:
        anna.get(url_of(product))

    asked = [
        query["sql"] for query in queries if "historicalproduct" in query["sql"] or "historicalbarcode" in query["sql"]
    ]
    assert len(asked) == 1
