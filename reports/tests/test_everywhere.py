"""The sums of all stores: what their rows come to, whatever happens, and read where nobody tells the stores apart."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.signals import post_save, pre_save
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.tests.staff import staff_with
from loyalty.services.erasure import anonymize_member
from loyalty.services.points import earn
from loyalty.tests.people import a_member, a_scan
from orders.models import Trip, TripEvent
from payments.services.points import earned_by
from payments.tests.admin_rows import a_line, a_product, a_trip, review_trip
from reports.models import (
    EVERYWHERE,
    DirtyDay,
    EntryDay,
    EverywhereDay,
    Fold,
    HourDay,
    MembersEverywhere,
    OverviewDay,
    ProductDay,
    StoreDay,
    TripDay,
)
from reports.receivers import count_under_the_new_sku
from reports.services import everywhere, rebuilding, rollups, same_day
from reports.services.changes import mark_product, mark_trips
from reports.services.members_everywhere import unpacked
from reports.services.same_day import SameDay
from reports.tests.rows import LONG_AGO, a_paid_trip, a_store, counted, folded, local_day, refunded
from stores.models import Product, Store

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 10)
NEXT_DAY = DAY + timedelta(days=1)
Rows = dict[tuple[object, ...], dict[str, Decimal]]


def client_of(name: str, *, stores: tuple[Store, ...] = ()) -> Client:
    """Somebody who sees all stores, or only these."""
    person = staff_with("reports.view_reports", username=name)
    if stores:
        person.sees_all_stores = False
        person.save()
        person.stores.set(stores)
    client = Client()
    client.force_login(person)
    return client


def rebuilt(*options: str) -> str:
    output = StringIO()
    call_command("rebuild_rollups", *options, stdout=output)
    return output.getvalue()


def added_up(table: type[StoreDay], sums: type[EverywhereDay]) -> Rows:
    """Row by row, in Python."""
    found: Rows = defaultdict(lambda: defaultdict(Decimal))
    for row in table._default_manager.all():
        kinds = found[row.day, *(_value(row, sums.alike.get(kind, kind)) for kind in sums.kinds)]
        for measure in sums.measures:
            kinds[measure] += getattr(row, measure)
    return {kinds: dict(row) for kinds, row in found.items()}


def standing(sums: type[EverywhereDay]) -> Rows:
    return {
        (row.day, *(_value(row, sums.alike.get(kind, kind)) for kind in sums.kinds)): {
            measure: getattr(row, measure) for measure in sums.measures
        }
        for row in sums._default_manager.all()
    }


def _value(row: Any, path: str) -> object:
    for name in path.split("__"):
        row = row and getattr(row, name)
    return row


def assert_they_agree() -> None:
    for table, sums in EVERYWHERE.items():
        assert standing(sums) == added_up(table, sums), sums
    assert members_kept() == who_came()


def members_kept() -> dict[tuple[date, str], set[int]]:
    return {(row.day, row.currency): set(unpacked(bytes(row.members))) for row in MembersEverywhere.objects.all()}


def who_came() -> dict[tuple[date, str], set[int]]:
    """Trip by trip."""
    found: defaultdict[tuple[date, str], set[int]] = defaultdict(set)
    for trip in Trip.objects.filter(member__isnull=False).select_related("store"):
        found[local_day(trip.received_at, trip.store), trip.store.currency].add(trip.member_id or 0)
    return dict(found)


def happened() -> None:
    """In two stores with other clocks and currencies, and one of the same."""
    here, there = a_store("Here"), a_store("There")
    tokyo = a_store("Tokyo", time_zone="Asia/Tokyo", currency="JPY")
    ada = a_member("ada-1")
    for number, store in enumerate((here, there, tokyo)):
        trip = a_paid_trip(store, DAY, "12.00" if store != tokyo else "1200", hour=9, member=ada)
        a_paid_trip(store, NEXT_DAY, "3", hour=23, entry="APP", member=ada)
        refunded(trip, "2", NEXT_DAY)
        tea = a_product(store, "TEA", name="Tea", category="Drinks")
        a_line(trip, "TEA", quantity=str(1 + number), total="4", product=tea)
        at = trip.received_at
        earn(ada, points=7 + number, reference=earned_by(trip), amazon_trip_id=trip.amazon_trip_id)
        a_trip("no_charge", total="0", store=store, currency=store.currency, started_at=at)
        review_trip("MYSTERY", store=store, currency="", started_at=at)
        scan = a_scan(ada, store, is_accepted=False, reason="ada-1 is blocked")
        type(scan).objects.filter(pk=scan.pk).update(received_at=at)
    counted()


# --- What they come to ---------------------------------------------------------------------------------------


def test_they_are_what_the_stores_come_to() -> None:
    happened()

    assert_they_agree()
    assert all(sums._default_manager.exists() for sums in EVERYWHERE.values())


def _another_trip() -> None:
    a_paid_trip(Store.objects.get(name="There"), DAY, "7.00", hour=9)


def _another_currency() -> None:
    a_paid_trip(Store.objects.get(name="There"), DAY, "7.00")
    Trip.objects.filter(store__name="There", total=7).update(currency="CAD")


def _another_refund() -> None:
    refunded(Trip.objects.filter(store__name="Here", state="paid").order_by("received_at")[0], "1", DAY)


def _the_last_trip_of_a_day_goes() -> None:
    Trip.objects.filter(received_at__date__gte=NEXT_DAY, store__name="Here").update(
        received_at=datetime(2026, 3, 20, 15, tzinfo=UTC)
    )


@pytest.mark.parametrize(
    "change",
    [_another_trip, _another_currency, _another_refund, _the_last_trip_of_a_day_goes],
    ids=lambda it: it.__name__,
)
def test_whatever_changes_they_follow_with_the_store(change: Callable[[], None]) -> None:
    happened()
    before = standing(EVERYWHERE[OverviewDay])

    change()
    rebuilt("--from", str(DAY - timedelta(days=1)), "--to", str(DAY + timedelta(days=12)))

    assert_they_agree()
    assert standing(EVERYWHERE[OverviewDay]) != before


@pytest.mark.parametrize("are_summed_up", [True, False])
def test_workers_keep_them(monkeypatch: pytest.MonkeyPatch, are_summed_up: bool) -> None:
    """The control leaves the sums as they are."""
    folded()
    if not are_summed_up:
        monkeypatch.setattr(rollups, "sum_up", lambda day: False)
    a_trip("paid", total="5.00", store=a_store("Here"))
    a_trip("paid", total="6.00", store=a_store("There"))
    folded()

    totals = {row["gross"] for row in standing(EVERYWHERE[OverviewDay]).values()}

    assert totals == ({Decimal(11)} if are_summed_up else set())


@pytest.mark.parametrize("stores_at_once", [1, 50])
def test_a_day_is_summed_up_once_however_many_stores(monkeypatch: pytest.MonkeyPatch, stores_at_once: int) -> None:
    """By workers and by hand. The control needs one transaction for each time zone."""
    folded()
    monkeypatch.setattr(same_day, "MOST_STORES", stores_at_once)
    batches, summed = Counter[date](), Counter[date]()

    def fold(same: SameDay) -> Iterator[rollups.Difference]:
        batches[same.day] += 1
        return differences(same)

    def sum_up(day: date) -> bool:
        summed[day] += 1
        return everywhere.sum_up(day)

    differences = rollups.differences
    monkeypatch.setattr(rollups, "differences", fold)
    monkeypatch.setattr(rollups, "sum_up", sum_up)
    monkeypatch.setattr(rebuilding, "sum_up", sum_up)
    noon = datetime.now(UTC).replace(hour=12) - timedelta(days=3)
    for name, zone in (("Here", "UTC"), ("There", "UTC"), ("Denver", "America/Denver")):
        a_trip("paid", total="5.00", store=a_store(name, time_zone=zone), started_at=noon)

    folded()
    assert (batches[noon.date()], summed[noon.date()]) == (3 if stores_at_once == 1 else 2, 1)
    assert_they_agree()

    summed.clear()
    rebuilt()
    assert set(summed.values()) == {1}
    assert_they_agree()


@pytest.mark.parametrize("are_all_summed_up", [True, False])
def test_a_worker_that_ends_amid_a_day_leaves_no_sums_behind(
    monkeypatch: pytest.MonkeyPatch, are_all_summed_up: bool
) -> None:
    """The next one finds the rows of the first store as they should be. The control sums up only what it replaces."""
    folded()
    trip = a_paid_trip(a_store("Here"), (datetime.now(UTC) - timedelta(days=3)).date(), "5.00")
    scan = a_scan(a_member("ada-1"), a_store("There"))
    type(scan).objects.filter(pk=scan.pk).update(received_at=trip.received_at)
    monkeypatch.setattr(same_day, "MOST_STORES", 1)
    with monkeypatch.context() as ending:
        ending.setattr(rollups, "sum_up", _ends)
        folded()
    assert TripDay.objects.count() == 1
    assert standing(EVERYWHERE[TripDay]) == {}
    if not are_all_summed_up:
        monkeypatch.setattr(everywhere, "TABLES", [EntryDay])

    folded()

    assert bool(standing(EVERYWHERE[TripDay])) is are_all_summed_up
    if are_all_summed_up:
        assert_they_agree()


def _ends(day: date) -> bool:
    raise RuntimeError


def test_a_day_that_is_adjusted_is_summed_up_again() -> None:
    trips = [a_trip("paid", total="5.00", store=a_store(name)) for name in ("Here", "There")]
    folded()
    Trip.objects.filter(pk=trips[0].pk).update(total=Decimal(3), subtotal=Decimal(3))
    TripEvent.objects.create(trip=trips[0], kind=TripEvent.Kind.ADJUSTED, amount=Decimal(3))

    folded()

    assert_they_agree()
    assert [row["gross"] for row in standing(EVERYWHERE[TripDay]).values()] == [Decimal(8)]


def test_another_time_zone_moves_hours_on_days_that_keep_their_trips() -> None:
    """Nine in New York is eight in Chicago, on the same day."""
    store = a_store("Here")
    a_paid_trip(store, (datetime.now(UTC) - timedelta(days=3)).date(), "5.00", hour=9)
    folded()
    assert {kinds[2] for kinds in standing(EVERYWHERE[HourDay])} == {9}

    Store.objects.filter(pk=store.pk).update(time_zone="America/Chicago")
    folded()

    assert_they_agree()
    assert {kinds[2] for kinds in standing(EVERYWHERE[HourDay])} == {8}


def test_a_currency_of_a_store_is_another_from_now_on() -> None:
    """What has no price yet counts in the store's currency; two are never added."""
    store, _ = a_store("Here"), review_trip("MYSTERY", store=a_store("There"), currency="")
    a_trip("paid", total="5.00", store=store)
    Store.objects.filter(pk=store.pk).update(currency="CAD")
    review_trip("MYSTERY", store=store, currency="")
    folded()

    assert_they_agree()
    found = {kinds[1]: row["trips"] for kinds, row in standing(EVERYWHERE[OverviewDay]).items()}
    assert found == {"USD": 2, "CAD": 1}


def test_a_member_who_is_erased() -> None:
    ada = a_member("ada-1")
    scan = a_scan(ada, a_store("Here"), is_accepted=False, reason="ada-1 is blocked")
    folded()

    anonymize_member(ada)
    folded()

    assert_they_agree()
    assert not type(scan).objects.filter(reason__contains="ada").exists()


@pytest.mark.parametrize("is_noticed", [True, False])
def test_a_product_with_another_sku_is_no_more_one_with_those_of_other_stores(is_noticed: bool) -> None:
    """Though nothing changes in the rows of its store. The control writes past the application."""
    teas = [a_product(a_store(name), "TEA", name="Tea") for name in ("Here", "There")]
    for tea in teas:
        a_line(a_trip("paid", total="4.00", store=tea.store), "TEA", total="4.00", product=tea)
    folded()
    assert _sold() == {"TEA": Decimal(8)}

    teas[0].sku = "GREEN-TEA"
    if is_noticed:
        teas[0].save()
    else:
        Product.objects.filter(pk=teas[0].pk).update(sku="GREEN-TEA")
    folded()

    assert _sold() == ({"TEA": Decimal(4), "GREEN-TEA": Decimal(4)} if is_noticed else {"TEA": Decimal(8)})


@pytest.mark.parametrize("is_marked_after", [True, False])
def test_a_product_is_sold_first_while_it_gets_another_sku(is_marked_after: bool) -> None:
    """Outside a transaction workers fold the day with the old SKU. The control marks its days before it is saved."""
    teas = [a_product(a_store(name), "TEA", name="Tea") for name in ("Here", "There")]
    folded()

    def come_between(instance: Product, **_: Any) -> None:
        if not is_marked_after:
            mark_product(instance)
        for tea in teas:
            a_line(a_trip("paid", total="4.00", store=tea.store), "TEA", total="4.00", product=tea)
        Fold.objects.update(at=LONG_AGO)
        folded()

    pre_save.connect(come_between, sender=Product)
    if not is_marked_after:
        post_save.disconnect(count_under_the_new_sku, sender=Product)
    try:
        teas[0].sku = "GREEN-TEA"
        teas[0].save()
    finally:
        pre_save.disconnect(come_between, sender=Product)
        post_save.connect(count_under_the_new_sku, sender=Product)
    Fold.objects.update(at=datetime.now(UTC))  # past what is read twice for other reasons
    folded()

    assert _sold() == ({"TEA": Decimal(4), "GREEN-TEA": Decimal(4)} if is_marked_after else {"TEA": Decimal(8)})


def test_a_product_with_another_sku_may_be_counted_just_now() -> None:
    """By a worker that has read the old SKU, and whose rows nobody sees yet."""
    store = a_store("Here", time_zone="Asia/Tokyo")
    tea = a_product(store, "TEA")
    tea.save()
    assert not DirtyDay.objects.exists()

    tea.sku = "GREEN-TEA"
    tea.save()

    today = local_day(datetime.now(UTC), store)
    assert set(DirtyDay.objects.values_list("store", "day")) == {
        (store.pk, today),
        (store.pk, today - timedelta(days=1)),
    }


def _sold() -> dict[object, Decimal]:
    return {kinds[2]: row["total"] for kinds, row in standing(EVERYWHERE[ProductDay]).items()}


@pytest.mark.parametrize(("elsewhere", "drinks"), [("Drinks", 9), ("Gifts", 5)])
def test_categories_are_those_of_now_and_of_each_store(elsewhere: str, drinks: int) -> None:
    """A day is over when a product gets its category. Where stores do not agree, a SKU does not say it."""
    products = [a_product(a_store(name), "TEA", category="") for name in ("Here", "There")]
    for product, total in zip(products, ("5.00", "4.00"), strict=True):
        a_line(a_trip("paid", total=total, store=product.store), "TEA", total=total, product=product)
    folded()
    for product, category in zip(products, ("Drinks", elsewhere), strict=True):
        product.category = category
        product.save()

    (block,) = client_of("boss").get("/reports/products/?group=category").context["report"].blocks

    assert {row["category"]: row["sales"] for row in block.rows}["Drinks"] == drinks
    assert block.total["sales"] == 9


def test_who_came_twice_is_one() -> None:
    """In two stores on a day, and on two days."""
    here, there = a_store("Here"), a_store("There")
    ada, bob = a_member("ada-1"), a_member("bob-1")
    for store, day, member in ((here, DAY, ada), (there, DAY, ada), (here, NEXT_DAY, ada), (here, NEXT_DAY, bob)):
        a_paid_trip(store, day, member=member)
    counted()

    page = f"/reports/loyalty/?group=day&from={DAY}&to={NEXT_DAY}"
    (block,) = client_of("boss").get(page).context["report"].blocks

    assert [row["active"] for row in block.rows] == [1, 2]
    assert block.total["active"] == 2
    assert members_kept() == {(DAY, "USD"): {ada.pk}, (NEXT_DAY, "USD"): {ada.pk, bob.pk}}


@pytest.mark.parametrize("is_noticed", [True, False])
def test_another_member_of_a_trip_is_noticed_though_no_number_changes(
    monkeypatch: pytest.MonkeyPatch, is_noticed: bool
) -> None:
    """The control leaves the sums as they are."""
    trip = a_trip("paid", total="5.00", store=a_store("Here"), member=a_member("ada-1"))
    folded()
    if not is_noticed:
        monkeypatch.setattr(rollups, "sum_up", lambda day: False)
    Trip.objects.filter(pk=trip.pk).update(member=a_member("bob-1"))
    mark_trips([trip])
    folded()

    assert (members_kept() == who_came()) is is_noticed


def test_a_store_in_another_currency_has_its_days_counted_anew() -> None:
    store = a_store("Here")
    a_trip("paid", total="5.00", store=store, member=a_member("ada-1"))
    review_trip("MYSTERY", store=store, currency="")
    folded()
    assert {currency for _, currency in members_kept()} == {"USD"}

    Store.objects.filter(pk=store.pk).update(currency="CAD")
    folded()

    assert_they_agree()
    assert {currency for _, currency in members_kept()} == {"CAD"}
    assert TripDay.objects.get(state="review").currency == "CAD"


def test_a_store_that_is_removed_leaves_its_sums_until_they_are_made_anew() -> None:
    """Nobody can remove one to which something happened; past the application its rows go with it."""
    today = datetime.now(UTC).date()
    here, there = (a_store(name) for name in ("Here", "There"))
    a_trip("paid", total="5.00", store=here)
    folded()
    for table in EVERYWHERE:
        for row in table._default_manager.filter(store=here):
            row.pk, row.store, row.day = None, there, today - timedelta(days=3)
            row.save()
    rollups.sum_up(today - timedelta(days=3))
    filled = [sums for sums in EVERYWHERE.values() if sums._default_manager.exists()]
    there.delete()

    with pytest.raises(CommandError, match=f"{len(filled)} tables of a day differ"):
        rebuilt("--check")
    rebuilt()

    assert "agree" in rebuilt("--check")
    assert_they_agree()


def test_the_command_says_what_differs_and_puts_it_right() -> None:
    happened()
    days = ("--from", str(DAY), "--to", str(NEXT_DAY))
    assert "agree" in rebuilt("--check", *days)
    sums = EVERYWHERE[TripDay]
    sums._default_manager.filter(day=DAY).update(gross=Decimal(1))
    MembersEverywhere.objects.filter(day=NEXT_DAY).update(members=b"")

    with pytest.raises(CommandError, match="2 tables of a day differ"):
        rebuilt("--check", *days)
    assert "2 days of all stores together, of which 2 differed" in rebuilt(*days)

    assert "agree" in rebuilt("--check", *days)
    assert_they_agree()


def test_without_them_all_is_made_anew_to_the_same_values() -> None:
    happened()
    first = {table: standing(sums) for table, sums in EVERYWHERE.items()}
    members = members_kept()
    for sums in (*EVERYWHERE.values(), MembersEverywhere):
        sums._default_manager.all().delete()

    rebuilt("--from", str(DAY), "--to", str(NEXT_DAY))

    assert {table: standing(sums) for table, sums in EVERYWHERE.items()} == first
    assert members_kept() == members != {}


# --- Who reads them ------------------------------------------------------------------------------------------

QUESTIONS = [
    *(f"/reports/?group={group}" for group in ("day", "week", "month", "hour", "store")),
    *(f"/reports/sales/?group={group}" for group in ("sales", "trips", "entry")),
    *(f"/reports/entries/?group={group}" for group in ("day", "month", "hour", "store", "reason")),
    *(f"/reports/products/?group={group}" for group in ("product", "category", "unknown")),
    *(f"/reports/payments/?group={group}" for group in ("way", "brand")),
    *(f"/reports/refunds/?group={group}" for group in ("reason", "person", "store", "day", "trip_day")),
    *(f"/reports/loyalty/?group={group}" for group in ("day", "week", "month", "store")),
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_page_says_the_same_of_all_stores_whether_they_are_named_or_not(question: str) -> None:
    happened()
    client, days = client_of("boss"), f"from={NEXT_DAY}&to={NEXT_DAY}"
    every = "".join(f"&store={store.external_id}" for store in Store.objects.all())

    for asked in (days, f"from={DAY}&to={NEXT_DAY}"):
        whole = client.get(f"{question}&{asked}").context["report"]
        named = client.get(f"{question}&{asked}{every}").context["report"]
        assert [told(block) for block in whole.blocks] == [told(block) for block in named.blocks]
    assert whole.blocks


def told(block: Any) -> tuple[object, ...]:
    return block.name, block.rows, block.total, block.before, block.unpriced, block.uncollected


def test_only_who_sees_all_stores_and_chose_none_reads_them() -> None:
    """The sums are spoilt, so that it shows who reads them."""
    here, there = (a_store(name) for name in ("Here", "There"))
    for store in (here, there):
        a_paid_trip(store, DAY, "5.00")
    counted()
    EVERYWHERE[OverviewDay]._default_manager.update(gross=Decimal(999))
    question = f"/reports/?group=day&from={DAY}&to={DAY}"

    def sales(client: Client, more: str = "") -> Decimal:
        return client.get(question + more).context["report"].blocks[0].total["gross"]  # type: ignore[no-any-return]

    boss = client_of("boss")
    assert sales(boss) == Decimal(999)
    assert sales(boss, "&store=here&store=there") == Decimal(10)
    assert sales(client_of("both", stores=(here, there))) == Decimal(10)
    assert sales(client_of("one", stores=(here,))) == Decimal(5)


def test_few_statements_and_not_one_more_for_them() -> None:
    happened()
    client = client_of("boss")
    for question in QUESTIONS:
        address = f"{question}&from={NEXT_DAY}&to={NEXT_DAY}"
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        assert len(captured) < 10, question
