"""/reports/connector/: each call of the journal counted once, whatever comes late, is forgotten or is counted anew."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from amazon.models import InboundCall, OutboundCall
from amazon.tasks import forget_old_calls
from amazon.tests.calls import a_call
from core.tests.staff import staff_with
from loyalty.tests.conftest import ask as ask
from loyalty.tests.questions import KEYS, identity_keys
from payments.tests.admin_rows import a_store
from payments.tests.midday import MIDDAY_ZONE, TODAY
from reports.models import CallDay, CallFold
from reports.services import counting_calls
from reports.tasks import count_calls_due
from reports.tests.rows import LONG_AGO
from stores.models import Store

pytestmark = pytest.mark.django_db

PAGE = "/reports/connector/"
PURCHASES = "/v1/order/purchases"
OURS, AMAZONS = "Our calls to Amazon and processors", "Amazon's calls to us"


@pytest.fixture
def store() -> Store:
    return a_store("Gate store", time_zone=MIDDAY_ZONE)


@pytest.fixture
def manager() -> Client:
    client = Client()
    client.force_login(staff_with("reports.view_reports", username="manager"))
    return client


def count(times: int = 2) -> None:
    """As a worker whose time has come: what is there at one look is counted at the next, once all have ended who wrote
    when it was looked."""
    for _ in range(times):
        CallFold.objects.update(next_attempt_at=LONG_AGO)
        CallFold.objects.exclude(looked_at=None).update(looked_at=LONG_AGO)
        count_calls_due()


def from_amazon(store: str = "gate-store", status: int = 201, ms: int = 5, **fields: Any) -> InboundCall:
    at = {"at": datetime.now(UTC)}
    return a_call(store_external_id=store, status=status, duration_ms=ms, **(at | fields))


def to_amazon(store: str = "gate-store", status: int | None = 200, ms: int = 80, **fields: Any) -> OutboundCall:
    known = {"at": datetime.now(UTC), "operation": "adjust", "url": "https://x", "amazon_trip_id": "T", "request": "{}"}
    return OutboundCall.objects.create(store_external_id=store, status=status, duration_ms=ms, **(known | fields))


def blocks(client: Client, query: str = "") -> dict[str, Any]:
    answer = client.get(f"{PAGE}?from={TODAY - timedelta(days=1)}&to={TODAY}{query}")
    assert answer.status_code == 200
    return {block.title: block for block in answer.context["report"].blocks}


def counted() -> Counter[tuple[Any, ...]]:
    """All that the roll-up knows but the durations."""
    found: Counter[tuple[Any, ...]] = Counter()
    for row in CallDay.objects.select_related("store"):
        found[row.store and row.store.external_id, row.day, row.direction, row.name, row.outcome] += row.calls
    return found


def test_calls_by_endpoint_and_how_they_ended(store: Store, manager: Client) -> None:
    for ms in range(1, 11):
        from_amazon(ms=ms)
    from_amazon(status=400, ms=2)
    from_amazon(status=503, ms=14)
    from_amazon(status=200, endpoint="/v1/identity/scan")
    for status in (200, 409, 500, None):
        to_amazon(status=status)
    to_amazon(operation="capture")
    count()

    found = blocks(manager)

    purchases, scans = sorted(found[AMAZONS].rows, key=lambda row: -row["calls"])
    assert {key: purchases[key] for key in ("group", "calls", "done", "refused", "failed")} == {
        "group": PURCHASES,
        "calls": 12,
        "done": 10,
        "refused": 1,
        "failed": 1,
    }
    # Of 1, 2, 2, 3 … 10, 14 the 6th, the 12th and the 12th.
    assert (purchases["p50"], purchases["p95"], purchases["p99"]) == (5, 14, 14)
    assert (scans["calls"], found[AMAZONS].total["calls"]) == (1, 13)
    adjust, capture = found[OURS].rows
    assert (adjust["group"], adjust["calls"], adjust["done"]) == ("adjust", 4, 1)
    assert (adjust["refused"], adjust["failed"]) == (1, 2)
    assert adjust["p50"] == pytest.approx(80, rel=0.06)
    assert (capture["group"], capture["calls"]) == ("capture", 1)


def test_a_call_over_http_is_counted_when_it_is_in_the_journal(ask: Any, store: Store, manager: Client) -> None:
    ask(KEYS, identity_keys("NOBODYS", storeId=store.external_id))
    count()

    assert blocks(manager)[AMAZONS].rows[0]["refused"] == 1
    assert blocks(manager, "&group=store")[AMAZONS].rows[0]["group"] == "Gate store"


def test_counting_again_counts_nothing_twice(store: Store) -> None:
    from_amazon()
    to_amazon()
    count()
    first = counted()

    count(5)

    assert counted() == first
    assert first.total() == 2


def test_what_staff_send_again_is_no_call_of_amazons(store: Store) -> None:
    from_amazon(is_replay=True)
    count()

    assert not counted()


def test_more_than_is_counted_at_once_is_counted_all_the_same(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting_calls, "MOST_AT_ONCE", 3)
    for number in range(10):
        from_amazon(ms=number)
        to_amazon()
    count()

    assert counted().total() == 20


def test_a_smaller_id_that_is_committed_late_is_counted(store: Store) -> None:
    """The look saw the call after it. Whoever wrote then has ended before it is counted up to there."""
    from_amazon(pk=1000)
    count(1)
    from_amazon(pk=999)

    count(1)

    assert counted().total() == 2


def test_nothing_is_counted_while_somebody_who_may_have_written_runs(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from_amazon()
    count(1)
    monkeypatch.setattr(counting_calls, "horizon", lambda: LONG_AGO - timedelta(days=1))

    count(3)

    assert not counted()


def test_days_are_the_stores_own_and_without_a_store_utcs() -> None:
    a_store("Tokyo", time_zone="Asia/Tokyo")
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    for name in ("tokyo", "of-nobody", ""):
        from_amazon(name, at=late)
    count()

    days = {(row.store and row.store.external_id, str(row.day)): row.calls for row in CallDay.objects.all()}
    assert days == {("tokyo", "2026-11-21"): 1, (None, "2026-11-20"): 2}


def test_calls_of_no_store_are_told_to_who_is_everywhere_alone(store: Store, manager: Client) -> None:
    a_store("Elsewhere", time_zone=MIDDAY_ZONE)
    for name in ("gate-store", "elsewhere", ""):
        from_amazon(name)
    count()
    person = staff_with("reports.view_reports", sees_all_stores=False, username="clerk")
    person.stores.add(store)
    clerk = Client()
    clerk.force_login(person)
    days = f"from={TODAY - timedelta(days=2)}&to={TODAY + timedelta(days=2)}"

    def calls(client: Client, query: str = "") -> int:
        (block,) = client.get(f"{PAGE}?{days}{query}").context["report"].blocks
        number: int = block.total["calls"]
        return number

    assert (calls(manager), calls(manager, "&store=elsewhere"), calls(clerk)) == (3, 1, 1)
    by_store = manager.get(f"{PAGE}?{days}&group=store").context["report"].blocks[0]
    assert [row["group"] for row in by_store.rows] == ["Elsewhere", "Gate store", "no store"]
    by_day = manager.get(f"{PAGE}?{days}&group=day").context["report"].blocks[0]
    assert sum(row["calls"] for row in by_day.rows) == 3
    answer = Client().get(f"/api/v1/reports/connector/?{days}", headers={"Authorization": "Bearer test-read-key"})
    assert answer.json()["parts"][0]["total"]["calls"] == 3


# --- Counting anew ---------------------------------------------------------------------------------------------


def rebuilt(*options: str) -> str:
    output = StringIO()
    call_command("rebuild_rollups", *options, stdout=output)
    return output.getvalue()


@pytest.fixture
def past(store: Store) -> None:
    """A call a day and direction, from today back to a week ago, and one of no store; all counted."""
    for days in range(8):
        at = datetime.now(UTC) - timedelta(days=days)
        from_amazon(at=at)
        to_amazon(at=at)
    from_amazon("", at=datetime.now(UTC) - timedelta(days=1))
    count()


def test_what_was_counted_wrong_is_found_and_put_right(past: None) -> None:
    right = counted()
    assert "agree" in rebuilt("--check")
    CallDay.objects.filter(day=TODAY - timedelta(days=2), store__isnull=False).update(calls=7)
    CallDay.objects.filter(store=None).delete()

    with pytest.raises(CommandError, match="3 tables of a day differ"):
        rebuilt("--check")
    assert "days of calls, of which 3 differed" in rebuilt()

    assert counted() == right
    assert "agree" in rebuilt("--check")


def test_days_that_the_journal_has_forgotten_stay_as_they_are(past: None, settings: Any) -> None:
    before = counted()
    settings.JOURNAL_RETENTION_DAYS = 4
    assert forget_old_calls() == 8

    said = rebuilt()

    assert counted() == before
    # In each direction those of 3 to 7 days ago: before the oldest call that is left, others of its day may have been.
    assert "10 days of calls are older than the journal, and stay as they were counted." in said
    assert "10 days of calls are older" in rebuilt("--check")


def test_they_stay_even_if_the_journal_is_to_remember_longer_from_now_on(past: None, settings: Any) -> None:
    before = counted()
    settings.JOURNAL_RETENTION_DAYS = 4
    forget_old_calls()
    settings.JOURNAL_RETENTION_DAYS = 90

    rebuilt()

    assert counted() == before


def test_a_journal_that_holds_nothing_any_more_erases_nothing(past: None) -> None:
    before = counted()
    InboundCall.objects.all().delete()
    OutboundCall.objects.all().delete()

    rebuilt()
    count()

    assert counted() == before


def test_what_is_not_counted_yet_is_left_to_the_worker(past: None) -> None:
    from_amazon()
    before = counted()

    assert "agree" in rebuilt("--check")
    rebuilt()
    assert counted() == before
    count()

    assert counted().total() == before.total() + 1


# --- What it costs ---------------------------------------------------------------------------------------------


def test_a_page_takes_as_many_statements_however_much_there_is(store: Store) -> None:
    person = staff_with("reports.view_reports", sees_all_stores=False)
    person.stores.add(store)
    client = Client()
    client.force_login(person)

    def statements() -> int:
        blocks(client)
        with CaptureQueriesContext(connection) as queries:
            blocks(client)
        return len(queries)

    from_amazon()
    count()
    few = statements()
    for number in range(5):
        person.stores.add(a_store(f"Shop {number}"))
        from_amazon(f"shop-{number}", ms=number * 100, endpoint=f"/v1/{number}")
        to_amazon(f"shop-{number}")
    count()

    assert statements() == few < 10


def test_counting_takes_as_many_statements_however_many_calls(store: Store) -> None:
    def statements(calls: int) -> int:
        for _ in range(calls):
            from_amazon()
            to_amazon()
        count(1)
        with CaptureQueriesContext(connection) as queries:
            count(1)
        return len(queries)

    statements(1)
    assert statements(1) == statements(50)
