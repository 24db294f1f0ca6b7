"""/reports/: the right numbers, or a plain sentence."""

import csv
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.rights import refusal
from core.tests.staff import staff_with
from orders.models import Trip
from payments.models import CardDetails
from payments.tests.adjusting import adjust
from payments.tests.admin_rows import a_charge, a_line, a_product, a_refund_line, a_trip, failed_trip, review_trip
from payments.tests.midday import MIDDAY_ZONE, TODAY
from payments.tests.trips import captured_trip, fresh, queued_refund, sent
from reports.models import Fold
from reports.tests.pages import block_of, cards_of, text_of
from reports.tests.rows import a_paid_trip, a_store, counted, refunded
from sandbox.testing import SandboxProcess
from staff.models import User

pytestmark = pytest.mark.django_db

DAY, DAY_BEFORE = date(2026, 3, 10), date(2026, 3, 9)
NAMES = (
    *("overview", "sales", "products", "payments", "refunds", "debts", "end-of-day", "journal"),
    *("entries", "loyalty", "connector"),
)
PAGES = ["/reports/" if name == "overview" else f"/reports/{name}/" for name in NAMES]
FILES = [f"/reports/{page}/{extension}/" for page in NAMES for extension in ("csv", "xlsx")]


@pytest.fixture
def manager(client: Client) -> Client:
    client.force_login(staff_with("reports.view_reports", "orders.view_trip", username="manager"))
    return client


# --- Numbers ---------------------------------------------------------------------------------------------------


def test_the_overview_counts_and_compares(manager: Client) -> None:
    store = a_store()
    first = a_paid_trip(store, DAY, "10.00")
    a_paid_trip(store, DAY, "20.00", entry="APP")
    a_paid_trip(store, DAY_BEFORE, "12.00")
    refunded(first, "3.00", DAY)
    counted()

    block = block_of(manager, f"/reports/?from={DAY}&to={DAY}&group=day")

    shown = {key: card.value for key, card in cards_of(block).items()}
    assert shown == {
        "trips": "2",
        "gross": "$30.00",
        "tax": "$0.00",
        "refunds": "1",
        "refunded": "$3.00",
        "refund_rate": "10.0 %",
        "net": "$27.00",
        "average_basket": "$15.00",
        "items_per_basket": "2",
        "dwell": "15 min 0 s",
        "member_share": "0.0 %",
        "app_share": "50.0 %",
        "card_share": "50.0 %",
        "unpaid": "$0.00",
        "recovered": "$0.00",
        "exit_to_charged": "1 min 5 s",
    }
    changes = {key: card.change for key, card in cards_of(block).items()}
    assert (changes["gross"], changes["trips"]) == ("▲ +150.0 %", "▲ +100.0 %")
    assert changes["refunded"] == "▲ from nothing"
    assert (changes["app_share"], changes["dwell"]) == ("▲ +50.0 points", "= unchanged")
    assert [(row["group"], row["gross"], row["gross_before"]) for row in block.rows] == [
        (DAY, Decimal("30.00"), Decimal("12.00"))
    ]


def test_a_refund_counts_on_its_own_day(manager: Client) -> None:
    trip = a_paid_trip(a_store(), DAY_BEFORE, "10.00")
    refunded(trip, "4.00", DAY)
    counted()

    block = block_of(manager, f"/reports/?from={DAY_BEFORE}&to={DAY}&group=day&compare=nothing")
    assert [(row["gross"], row["refunded"], row["net"]) for row in block.rows] == [
        (Decimal("10.00"), Decimal("0.00"), Decimal("10.00")),
        (Decimal("0.00"), Decimal("4.00"), Decimal("-4.00")),
    ]
    by_trip = block_of(manager, f"/reports/refunds/?from={DAY}&to={DAY}&group=trip_day")
    assert [(row["group"], row["refunded"]) for row in by_trip.rows] == [(DAY_BEFORE, Decimal("4.00"))]


def test_what_is_adjusted_is_off_the_sales_once(manager: Client, sandbox: SandboxProcess) -> None:
    """The trip costs less, and the difference is given back: what is left is what the trip costs now."""
    trip = captured_trip(sandbox, ("4.00", "2"))
    adjust(trip, (1, "1"), actor="somebody")
    sent(trip.charge.refunds.get())
    sent(queued_refund(fresh(trip), "1.00", actor="somebody"))
    counted()

    total = block_of(manager, "/reports/?period=7-days").total

    assert (total["gross"], total["refunded"], total["net"]) == (Decimal("4.00"), Decimal("5.00"), Decimal("3.00"))


def test_what_is_unpaid_and_what_is_recovered(manager: Client) -> None:
    store = a_store()
    a_paid_trip(store, DAY, "10.00", captured="6.00")
    failed = failed_trip("5.00", store=store)
    counted()
    today = failed.received_at.astimezone().date()

    assert block_of(manager, f"/reports/?from={DAY}&to={DAY}&group=day").total["unpaid"] == Decimal("4.00")
    assert block_of(manager, f"/reports/?from={DAY}&to={today}").total["unpaid"] == Decimal("9.00")


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("week", [(date(2026, 3, 2), 1), (date(2026, 3, 9), 2)]),
        ("month", [("2026-03", 3)]),
        ("store", [("Corner shop", 2), ("Far shop", 1)]),
    ],
)
def test_groups(manager: Client, group: str, expected: list[Any]) -> None:
    here, there = a_store(), a_store("Far shop", time_zone="America/Los_Angeles")
    a_paid_trip(here, date(2026, 3, 8))
    a_paid_trip(here, DAY)
    a_paid_trip(there, DAY)
    counted()

    block = block_of(manager, f"/reports/?from=2026-03-08&to={DAY}&group={group}&compare=nothing")

    assert [(row["group"], row["trips"]) for row in block.rows] == expected


def test_currencies_are_never_added(manager: Client) -> None:
    a_paid_trip(a_store(), DAY, "10.00")
    a_paid_trip(a_store("Tokyo", currency="JPY", time_zone="Asia/Tokyo"), DAY, "450")
    counted()

    answer = manager.get(f"/reports/?from={DAY}&to={DAY}")
    blocks = {block.currency: cards_of(block)["gross"].value for block in answer.context["report"].blocks}
    assert blocks == {"JPY": "¥450", "USD": "$10.00"}
    csv_file = b"".join(manager.get(f"/reports/overview/csv/?from={DAY}&group=day").streaming_content).decode()
    assert "JPY,2026-03-10,1,450,0," in csv_file


def test_a_day_of_25_hours_has_25_rows_and_all_trips(manager: Client) -> None:
    store = a_store()
    day = date(2026, 11, 1)
    for hour in (0, 1, 23):
        a_paid_trip(store, day, hour=hour)
    counted()

    block = block_of(manager, f"/reports/?from={day}&to={day}&compare=nothing")

    assert len(block.rows) == 25
    hours = [row["group"] for row in block.rows if row["trips"]]
    assert hours == ["2026-11-01 00:00 EDT", "2026-11-01 01:00 EDT", "2026-11-01 23:00 EST"]
    assert [row["group"] for row in block.rows][1:3] == ["2026-11-01 01:00 EDT", "2026-11-01 01:00 EST"]
    assert block.total["trips"] == 3


def test_payments_by_how_they_end(manager: Client) -> None:
    store = a_store()
    a_paid_trip(store, DAY, "10.00")
    a_paid_trip(store, DAY, "10.00", captured="6.00")
    counted()

    block = block_of(manager, f"/reports/payments/?from={DAY}&to={DAY}")

    (row,) = block.rows
    assert (row["way"], row["entry"], row["trips"]) == ("Amazon's payment service", "card", 2)
    assert (row["paid"], row["partly_paid"], row["declined"]) == (1, 1, 0)
    assert (row["gross"], row["captured"], row["unpaid"]) == (Decimal("20.00"), Decimal("16.00"), Decimal("4.00"))


def test_payments_by_brand_of_the_card(manager: Client) -> None:
    store = a_store()
    a_paid_trip(store, DAY, "10.00")
    amex = a_paid_trip(store, DAY, "7.00")
    CardDetails.objects.filter(charge=amex.charge).update(brand="AMEX")
    awaited = a_paid_trip(store, DAY_BEFORE, "5.00")
    CardDetails.objects.filter(charge=awaited.charge).update(brand="", next_attempt_at=Now())
    counted()

    block = block_of(manager, f"/reports/payments/?from={DAY_BEFORE}&to={DAY}&group=brand")

    assert [(row["brand"], row["paid"], row["captured"]) for row in block.rows] == [
        ("AMEX", 1, Decimal(7)),
        ("VISA", 1, Decimal(10)),
        ("not told yet", 1, Decimal(5)),
    ]


def test_payments_approved_and_before(manager: Client) -> None:
    store = a_store()
    a_paid_trip(store, DAY, "10.00")
    a_paid_trip(store, DAY, "10.00", captured="6.00")
    declined = a_trip("unpaid", total="3.00", store=store)
    Trip.objects.filter(pk=declined.pk).update(received_at=a_paid_trip(store, DAY).received_at)
    a_paid_trip(store, DAY_BEFORE, "2.00")
    counted()

    block = block_of(manager, f"/reports/payments/?from={DAY}&to={DAY}")

    assert (block.total["approved"], block.total["declined"]) == (Decimal("0.75"), 1)
    assert (block.before["approved"], block.before["captured"]) == (Decimal(1), Decimal(2))
    assert cards_of(block)["approved"].change == "▼ −25.0 points"
    (listed,) = manager.get(cards_of(block)["declined"].url).context["cl"].result_list
    assert listed == declined


def test_refunds_by_reason_and_person(manager: Client) -> None:
    trip = a_paid_trip(a_store(), DAY, "10.00")
    refunded(trip, "1.00", DAY)
    refunded(trip, "3.00", DAY, reason="Spoilt", person="bob")
    counted()

    by_reason = block_of(manager, f"/reports/refunds/?from={DAY}&to={DAY}")
    by_person = block_of(manager, f"/reports/refunds/?from={DAY}&to={DAY}&group=person")

    assert [(row["group"], row["refunds"], row["share"]) for row in by_reason.rows] == [
        ("Spoilt", 1, Decimal("0.75")),
        ("Wrong price", 1, Decimal("0.25")),
    ]
    assert [(row["group"], row["refunded"]) for row in by_person.rows] == [
        ("bob", Decimal("3.00")),
        ("ann", Decimal("1.00")),
    ]
    assert by_person.total["average"] == Decimal("2.00")


def test_products_with_what_came_back_and_what_nobody_knows(manager: Client) -> None:
    store = a_store(time_zone=MIDDAY_ZONE)
    apple = a_product(store)
    trip = a_trip("paid", total="10.00", store=store)
    line = a_line(trip, "4011", quantity="2", total="10.00", product=apple)
    a_line(trip, "4012", quantity="1", total="0.00", product=apple, unit="EACH")
    a_charge(trip, "captured", authorized=Decimal(10), captured=Decimal(10))
    trip.refresh_from_db()
    a_refund_line(refunded(trip, "5.00", TODAY), line, "1")
    review_trip("MYSTERY", store=store)
    counted()

    block = block_of(manager, "/reports/products/?period=7-days")
    unknown_first = block_of(manager, "/reports/products/?period=7-days&sort=unknown")

    apples, mystery = block.rows
    assert (apples["product"], apples["sku"], apples["quantity"], apples["sales"]) == ("Apple", "APPLE", 3, 10)
    assert (apples["refunded_quantity"], apples["refunded"]) == (1, 5)
    assert (mystery["sku"], mystery["unknown"], mystery["sales"]) == ("MYSTERY", 1, 0)
    assert unknown_first.rows[0]["sku"] == "MYSTERY"


def test_products_by_category_and_what_is_unknown(manager: Client) -> None:
    store = a_store()
    trip = a_paid_trip(store, DAY, "1.00")
    trip.lines.all().delete()
    for sku, category, total in (("TEA", "Drinks", "2.00"), ("COLA", "Drinks", "3.00"), ("GUM", "", "9.00")):
        a_line(trip, sku, total=total, product=a_product(store, sku, category=category))
    a_line(trip, "PAST", total="4.00")
    earlier = a_paid_trip(store, DAY_BEFORE, "1.00")
    earlier.lines.update(product=a_product(store, "TEA"))
    counted()

    question = f"from={DAY}&to={DAY}"
    by_category = block_of(manager, f"/reports/products/?{question}&group=category")
    worst_first = block_of(manager, f"/reports/products/?{question}&sort=least")
    unknown = block_of(manager, f"/reports/products/?{question}&group=unknown")

    assert [(row["category"], row["sales"]) for row in by_category.rows] == [
        ("without a category", Decimal(9)),
        ("Drinks", Decimal(5)),
        ("not a product of the store", Decimal(4)),
    ]
    assert (by_category.total["sales"], by_category.before["sales"]) == (Decimal(18), Decimal(1))
    assert [row["sku"] for row in worst_first.rows] == ["TEA", "COLA", "PAST", "GUM"]
    assert [(row["sku"], row["sales"]) for row in unknown.rows] == [("PAST", Decimal(4))]


def test_still_partial_while_carts_wait(manager: Client) -> None:
    review_trip("MYSTERY", store=a_store())
    a_trip("collecting", total="5.00", store=a_store())
    counted()

    for page in ("/reports/", "/reports/payments/", "/reports/products/", "/reports/journal/"):
        answer = manager.get(page)
        (block,) = answer.context["report"].blocks
        assert (block.unpriced, block.uncollected) == (1, 1)
        assert "1 cart of these days has no price yet. The money of 1 cart is still being collected." in text_of(answer)


# --- Odd questions ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=2026-03-11&to=2026-03-10", "The last day is before the first one."),
        ("from=yesterday", "Enter a valid date."),
        ("from=2000-01-01&to=2026-01-01", "At most 1,098 days, which are three years."),
        ("from=9999-12-31", "Choose days between the years 2000 and 2999."),
        ("from=2026-03-01&to=2026-03-31&group=hour", "By hour at most 8 days: choose fewer, or another group."),
        ("period=fortnight", "Select a valid choice. fortnight is not one of the available choices."),
        ("store=there", "there is none of the stores that you see."),
        ("store=%27%3B--", "&#x27;;-- is none of the stores that you see."),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_words(manager: Client, query: str, sentence: str) -> None:
    a_store()

    answer = manager.get(f"/reports/?{query}")
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert answer.context["report"] is None
    assert manager.get(f"/reports/overview/csv/?{query}").status_code == 400


def test_no_trip_no_store_nothing_counted(manager: Client, client: Client) -> None:
    assert "You see no store yet" in text_of(manager.get("/reports/"))
    a_store()
    for page in PAGES:
        assert "Nothing in these days" in text_of(manager.get(page))
    for file in FILES:
        assert manager.get(file).status_code == 200


@pytest.mark.parametrize("compare", ["before", "year", "nothing"])
@pytest.mark.parametrize(
    "period",
    ["today", "yesterday", "7-days", "30-days", "week", "last-week", "month", "last-month", "quarter",
     "same-day-last-week", "own"],
)  # fmt: skip
def test_every_period_is_answered(manager: Client, period: str, compare: str) -> None:
    a_paid_trip(a_store(), datetime.now().astimezone().date())
    counted()

    assert manager.get(f"/reports/?period={period}&compare={compare}").status_code == 200


# --- Whose -----------------------------------------------------------------------------------------------------


def test_a_few_stores_are_named_and_many_counted(manager: Client) -> None:
    for number in range(1, 14):
        a_paid_trip(a_store(f"Shop {number:02}"), DAY, "1.00")
    counted()
    page = f"/reports/?from={DAY}&to={DAY}"

    assert "Stores all 13." in text_of(manager.get(page))
    assert "Stores Shop 02, Shop 03." in text_of(manager.get(f"{page}&store=shop-02&store=shop-03"))


def test_pages_and_files_need_their_right(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip"))

    for address in (*PAGES, *FILES):
        answer = client.get(address)
        assert answer.status_code == 403
        assert answer.context["said"] == refusal("reports.view_reports")


def test_only_ones_own_stores(client: Client) -> None:
    here, there = a_store("Here"), a_store("There")
    a_paid_trip(here, DAY, "10.00")
    refunded(a_paid_trip(there, DAY, "99.00"), "7.77", DAY)
    counted()
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(here)
    client.force_login(person)

    for page in PAGES:
        answer = client.get(f"{page}?from={DAY}&to={DAY}")
        assert "There" not in text_of(answer)
        assert "99.00" not in text_of(answer)
        assert "7.77" not in text_of(answer)
    assert block_of(client, f"/reports/?from={DAY}&to={DAY}").total["gross"] == Decimal("10.00")


def test_the_sidebar_leads_there_for_whoever_may(manager: Client, django_user_model: type[User]) -> None:
    assert 'href="/reports/"' in manager.get("/admin/").content.decode()
    other = Client()
    other.force_login(staff_with("orders.view_trip", username="other"))
    assert 'href="/reports/"' not in other.get("/admin/").content.decode()


def test_a_card_leads_to_the_list_that_says_the_same(manager: Client) -> None:
    store = a_store()
    a_paid_trip(store, DAY, hour=0)
    a_paid_trip(store, DAY, hour=23, entry="APP")
    a_paid_trip(store, DAY_BEFORE)
    counted()

    cards = cards_of(block_of(manager, f"/reports/?from={DAY}&to={DAY}"))

    def listed(key: str) -> int:
        return len(manager.get(cards[key].url).context["cl"].result_list)

    assert (listed("trips"), listed("app_share")) == (2, 1)


def test_a_card_leads_to_the_page_about_it(manager: Client) -> None:
    trip = a_paid_trip(a_store(), DAY, captured="6.00")
    refunded(trip, "1.00", DAY)
    counted()

    cards = cards_of(block_of(manager, f"/reports/?from={DAY}&to={DAY}"))

    assert block_of(manager, cards["refunded"].url).total["refunded"] == Decimal(1)
    assert block_of(manager, cards["unpaid"].url).total["unpaid"] == Decimal(4)
    assert cards["recovered"].url.startswith("/reports/debts/?from=2026-03-10")
    assert cards_of(block_of(manager, cards["refunded"].url))["refunded"].url == ""


def test_a_card_leads_nowhere_where_the_list_would_say_something_else(manager: Client) -> None:
    a_paid_trip(a_store(), DAY)
    a_store("Tokyo", time_zone="Asia/Tokyo", currency="JPY")
    counted()

    assert cards_of(block_of(manager, f"/reports/?from={DAY}"))["trips"].url == ""
    assert cards_of(block_of(manager, f"/reports/?from={DAY}&store=corner-shop"))["trips"].url


def test_what_was_asked_last_is_asked_again(manager: Client) -> None:
    a_store()
    manager.get("/reports/?period=last-month&compare=year&group=week")

    query = manager.get("/reports/refunds/").context["report"].query

    assert (query.period.first.day, query.group) == (1, "reason")
    assert manager.get("/reports/?period=today").context["report"].query.period.days == 1


# --- How much it costs -----------------------------------------------------------------------------------------


def statements(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_takes_as_many_statements_however_much_there_is(client: Client, page: str) -> None:
    store = a_store()
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(store)
    client.force_login(person)
    a_paid_trip(store, DAY)
    counted()
    address = f"{page}?from={DAY_BEFORE}&to={DAY}"
    few = statements(client, address)
    for number in range(5):
        other = a_store(f"Shop {number}", currency="EUR" if number % 2 else "USD")
        person.stores.add(other)
        refunded(a_paid_trip(other, DAY_BEFORE), "1.00", DAY)
    counted()

    assert statements(client, address) == few < 10


def test_by_hour_as_well(manager: Client) -> None:
    a_paid_trip(a_store(), DAY)
    counted()

    assert statements(manager, f"/reports/?from={DAY}&to={DAY}") < 10


# --- Files -----------------------------------------------------------------------------------------------------


def lines_of(client: Client, address: str) -> list[list[str]]:
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.streaming
    return list(csv.reader(StringIO(b"".join(answer.streaming_content).decode())))


def test_the_csv_says_what_it_is_and_holds_numbers(manager: Client) -> None:
    store = a_store("=1+1 shop")
    a_paid_trip(store, DAY, "1234.50")
    counted()

    lines = lines_of(manager, f"/reports/overview/csv/?from={DAY_BEFORE}&to={DAY}&group=store")

    head = dict(line for line in lines if len(line) == 2)
    assert head["Days"] == "9 March 2026 to 10 March 2026"
    assert head["Days end at midnight in"] == "America/New_York"
    assert {"Generated at", "Counted up to", "Compared with"} <= head.keys()
    titles, row, total, before = lines[-4:]
    assert titles[:4] == ["Currency", "Store", "Trips", "Sales"]
    assert row[:4] == ["USD", "'=1+1 shop", "1", "1234.50"]
    assert total[:4] == ["USD", "Total", "1", "1234.50"]
    assert before[:4] == ["USD", "Before", "0", "0.00"]


def test_the_xlsx_holds_numbers_and_days(manager: Client) -> None:
    a_paid_trip(a_store("=1+1 shop"), DAY, "1234.50")
    counted()

    answer = manager.get(f"/reports/overview/xlsx/?from={DAY}&to={DAY}&group=day")

    assert f'filename="overview-{DAY}-{DAY}.xlsx"' in answer["Content-Disposition"]
    with ZipFile(BytesIO(answer.content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<v>1234.50</v>" in sheet
    assert f"<v>{(DAY - date(1899, 12, 30)).days}</v>" in sheet
    assert "<f>" not in sheet


def test_a_page_that_nobody_has_counted_for_says_so(manager: Client) -> None:
    a_store()

    assert not Fold.objects.exists()
    assert "Nothing has been counted yet" in text_of(manager.get("/reports/"))
