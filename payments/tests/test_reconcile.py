"""`manage.py reconcile`: our money against the sandbox's own books, and against a processor's report."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from amazon.tests.scripted_server import Reply, ScriptedServer, http, raw
from core.money import Money
from orders.models import Trip
from payments.clients import payment_service
from payments.models import Charge, PaymentEvent
from payments.reconciliation import ours
from payments.services.addresses import address_of
from payments.services.collection import retry_charge
from payments.services.debts import settle
from payments.tests import admin_rows
from payments.tests.midday import MIDDAY_ZONE, TODAY
from payments.tests.trips import TEN, a_store, captured_trip, collected, fresh, queued_refund, sent, staged_trip
from sandbox.testing import SandboxProcess
from stores.models import PaymentFlow, Store

pytestmark = pytest.mark.django_db


@pytest.fixture
def store() -> Store:
    """Ours alone: the sandbox's books hold other tests' trips too."""
    return a_store(f"RECONCILE-{uuid4()}", time_zone=MIDDAY_ZONE)


@pytest.fixture(autouse=True)
def books(sandbox: SandboxProcess, settings: Any) -> None:
    settings.RECONCILE_BOOKS_URL = f"{sandbox.url}/books"
    settings.WORK_RETRY_FIRST_SECONDS = 60


def run(store: Store | None, *options: str, first: Any = TODAY, last: Any = TODAY) -> tuple[int, str]:
    """The exit status and what stands on the screen, with the last word at the end."""
    output = StringIO()
    which = ["--store", store.external_id] if store else []
    days = ["--from", str(first), "--to", str(last)] if first else []
    try:
        call_command("reconcile", *which, *days, *options, stdout=output)
    except CommandError as error:
        return error.returncode, output.getvalue() + str(error)
    return 0, output.getvalue()


def booked(**fields: str) -> bytes:
    """Books of one trip."""
    trip = {"trip_id": "A", "store_id": "S", "currency": "USD", "captured": "1.00", "captures": 1, "refunded": "0.00"}
    return json.dumps({"trips": [trip | fields]}).encode()


def rows(said: str) -> list[list[str]]:
    """The lines of the differences, each as its columns."""
    table = said.partition("\ntrip ")[2].partition("\nWhat to do")[0]
    return [re.split(r"\s{2,}", line) for line in table.splitlines()[1:] if line]


def differences(store: Store, *options: str) -> list[list[str]]:
    """Without the trip, which each test knows."""
    status, said = run(store, *options)
    found = rows(said)
    assert status == (1 if found else 0), said
    return [row[1:] for row in found]


def noted(trip: Trip, captured: str) -> dict[str, Any]:
    """For sandbox.stage: a trip of which it had not heard, and for which it has taken so much."""
    hold = {"amount": "50.00", "code": trip.store.currency}
    store_id = trip.store.external_id
    return {"shoppingTripId": str(trip), "storeId": store_id, "preauthorized": hold, "captured": captured}


class TestADayOfTrips:
    def test_the_books_agree(self, sandbox: SandboxProcess, store: Store) -> None:
        """Paid, partly paid, declined, without a charge, failed, refunded, and one under way."""
        captured_trip(sandbox, ("6.25", "2"), store=store)
        given_back = captured_trip(sandbox, store=store)
        sent(queued_refund(given_back, "2.50"))
        sent(queued_refund(given_back, "0.10"))
        queued_refund(given_back, "1.00")
        for prefix in ("partly-authorized", "declined-payment", "bad-request"):
            collected(staged_trip(sandbox, TEN, store=store, trip_id=f"{prefix}-trip-uuid-{uuid4()}"))
        collected(staged_trip(sandbox, store=store))
        staged_trip(sandbox, TEN, store=store)

        status, said = run(store)

        assert status == 0, said
        assert "7 trips compared with" in said
        assert re.search(r"USD +here +27\.50 +2\.60\n +there +27\.50 +2\.60\n", said)
        assert said.endswith("No difference.\n")

    def test_a_debt_that_was_paid_in_the_store_and_waived_agrees(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = collected(staged_trip(sandbox, TEN, store=store, trip_id=f"partly-authorized-trip-uuid-{uuid4()}"))
        for means in ("cash", "waived"):
            settle(trip.charge.debt, key=uuid4(), amount=Decimal(2), means=means, actor="manager", note="As agreed.")

        assert fresh(trip).charge.settled == 4
        assert differences(store) == []

    def test_trips_of_the_checkout_service_stand_in_the_books_too(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = admin_rows.paid_trip("6.88", store=store)
        Charge.objects.update(flow=PaymentFlow.CHECKOUT_SERVICE)
        sandbox.stage([noted(trip, "6.88")])
        assert differences(store) == []

        PaymentEvent.objects.filter(kind="capture").update(amount=Decimal("6.00"))
        assert ["captured differs", "$6.00", "$6.88"] in differences(store)

    def test_trips_of_a_members_account_stand_in_no_book_of_amazons(self, store: Store) -> None:
        admin_rows.paid_trip("6.88", store=store)
        assert differences(store) == [["only here", "$6.88", "–"]]

        Charge.objects.update(flow=PaymentFlow.OWN_PROCESSOR)
        assert differences(store) == []

    def test_unless_amazon_took_their_money_as_well(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = admin_rows.paid_trip("6.88", store=store)
        Charge.objects.update(flow=PaymentFlow.OWN_PROCESSOR)
        sandbox.stage([noted(trip, "6.88")])

        assert differences(store) == [["only there", "$0.00", "$6.88"]]


class TestWhatDiffers:
    def test_money_that_is_noted_here_alone(self, store: Store) -> None:
        trip = admin_rows.paid_trip("6.88", store=store)

        status, said = run(store)

        assert (status, rows(said)) == (1, [[trip.amazon_trip_id, "only here", "$6.88", "–"]])
        assert "only here: Nobody there knows of this money." in said
        assert said.endswith("1 difference.")

    def test_money_that_was_taken_and_is_not_noted_here(self, sandbox: SandboxProcess, store: Store) -> None:
        """The answer to a capture was lost: here its outcome is unknown."""
        trip = staged_trip(sandbox, TEN, store=store)
        sandbox.fault("lose_answer", operation="capture", trip=trip.amazon_trip_id)
        collected(trip)

        status, said = run(store)

        assert (status, rows(said)) == (1, [[trip.amazon_trip_id, "only there", "$0.00", "$10.00"]])
        assert "say on the trip's page what became of it" in said
        collected(trip)
        assert differences(store) == []

    def test_money_of_a_trip_that_never_came(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = Trip(amazon_trip_id=str(uuid4()), store=store)
        sandbox.stage([noted(trip, "3.00")])

        status, said = run(store)

        assert (status, rows(said)) == (1, [[trip.amazon_trip_id, "only there", "–", "$3.00"]])
        assert "No cart of this trip has come here." in said

    def test_another_amount(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = admin_rows.paid_trip("6.88", store=store)
        sandbox.stage([noted(trip, "6.80")])

        assert differences(store) == [["captured differs", "$6.88", "$6.80"]]

    def test_a_second_capture(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = captured_trip(sandbox, store=store)
        payment_service.capture_charge(address_of(trip.charge), Money(Decimal(10), "USD"))

        assert differences(store) == [["captured twice", "$10.00", "$20.00"]]

    def test_a_refund_that_nobody_here_knows_of(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = captured_trip(sandbox, store=store)
        amount = Money(Decimal(2), "USD")
        payment_service.refund(address_of(trip.charge), amount, refund_request_id=uuid4(), reason="OTHER")

        assert differences(store) == [["refunded differs", "$0.00", "$2.00"]]

    def test_another_currency(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = admin_rows.paid_trip("6.88", store=store)
        Store.objects.filter(pk=store.pk).update(currency="GBP")
        trip.store.refresh_from_db()
        sandbox.stage([noted(trip, "6.88")])

        assert differences(store) == [["currency differs", "$6.88", "£6.88"]]

    @pytest.mark.parametrize(
        ("column", "wrong", "events"),
        [("captured", "4.00", "$5.00"), ("committed", "1", "$2.50"), ("settled", "1", "$0.00")],
    )
    def test_a_column_that_does_not_say_what_the_events_say(
        self, sandbox: SandboxProcess, store: Store, column: str, wrong: str, events: str
    ) -> None:
        trip = collected(staged_trip(sandbox, TEN, store=store, trip_id=f"partly-authorized-trip-uuid-{uuid4()}"))
        sent(queued_refund(trip, "2.50"))
        assert differences(store) == []

        Charge.objects.filter(trip=trip).update(**{column: Decimal(wrong)})

        status, said = run(store)
        assert (status, rows(said)) == (1, [[str(trip), "our own rows differ", events, "–"]])
        assert f"The charge says {column} ${Decimal(wrong):.2f}, but its events add up to {events}." in said


class TestWhichTrips:
    def test_of_the_stores_own_days(self, store: Store) -> None:
        """In Auckland it is another day for half of the time."""
        Store.objects.filter(pk=store.pk).update(time_zone="Pacific/Auckland")
        store.refresh_from_db()
        received = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)  # 2 March there
        admin_rows.paid_trip("6.88", store=store, started_at=received)

        found = {day: run(store, first=f"2026-03-0{day}", last=f"2026-03-0{day}")[0] for day in (1, 2, 3)}

        assert found == {1: 0, 2: 1, 3: 0}

    def test_without_days_it_is_yesterday(self, store: Store) -> None:
        admin_rows.paid_trip("6.88", store=store, started_at=timezone.now() - timedelta(days=1))
        admin_rows.paid_trip("1.00", store=store, started_at=timezone.now() - timedelta(days=4))

        status, said = run(store, first=None)

        assert status == 1
        assert f", {TODAY - timedelta(days=1)} ({MIDDAY_ZONE})" in said
        assert [row[2] for row in rows(said)] == ["$6.88"]

    def test_an_older_trip_whose_money_moved_in_these_days(self, sandbox: SandboxProcess, store: Store) -> None:
        trip = captured_trip(sandbox, store=store)
        Trip.objects.update(received_at=timezone.now() - timedelta(days=3))
        PaymentEvent.objects.update(at=timezone.now() - timedelta(days=3))
        assert "0 trips compared" in run(store)[1]

        sent(queued_refund(trip, "1.00"))

        assert "1 trip compared" in run(store)[1]

    def test_no_other_stores(self, store: Store) -> None:
        admin_rows.paid_trip("6.88", store=a_store("SOMEWHERE-ELSE"))

        assert differences(store) == []

    def test_a_number_of_trips_costs_few_statements(self, store: Store) -> None:
        def statements() -> int:
            with CaptureQueriesContext(connection) as queries:
                run(store)
            return len(queries)

        admin_rows.paid_trip("6.88", store=store)
        one = statements()
        for _ in range(10):
            admin_rows.paid_trip("6.88", store=store)

        assert statements() == one

    def test_many_trips_are_added_up_in_parts(self, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ours, "CHUNK", 2)
        for _ in range(5):
            admin_rows.paid_trip("6.88", store=store)

        assert len(differences(store)) == 5


Write = Callable[..., str]


class TestReports:
    @pytest.fixture
    def write(self, tmp_path: Path) -> Write:
        def write(*lines: str) -> str:
            path = tmp_path / "report.csv"
            path.write_text("\n".join(["trip_id,kind,amount,currency", *lines]), encoding="utf-8-sig")
            return str(path)

        return write

    def test_a_report_that_agrees(self, sandbox: SandboxProcess, store: Store, write: Write) -> None:
        trip = captured_trip(sandbox, store=store)
        sent(queued_refund(trip, "2.50"))

        path = write(f"{trip},capture,10.00,USD", f"{trip},refund,-2.50,USD")

        status, said = run(store, "--csv", path)
        assert (status, "1 trip compared with report.csv." in said) == (0, True)

    def test_a_report_that_differs(self, sandbox: SandboxProcess, store: Store, write: Write) -> None:
        first, second = captured_trip(sandbox, store=store), captured_trip(sandbox, store=store)

        path = write(f"{first},capture,9.00,USD", "nobody,capture,1.00,USD")

        status, said = run(store, "--csv", path)
        assert status == 1
        assert sorted(rows(said)) == sorted(
            [
                [str(first), "captured differs", "$10.00", "$9.00"],
                [str(second), "only here", "$10.00", "–"],
                ["nobody", "only there", "–", "$1.00"],
            ]
        )

    def test_a_report_of_these_days_does_not_tell_what_was_done_on_others(
        self, sandbox: SandboxProcess, store: Store, write: Write
    ) -> None:
        """Captured three days ago, refunded in part the day before yesterday and today."""
        trip = captured_trip(sandbox, store=store)
        sent(queued_refund(trip, "2.50"))
        Trip.objects.update(received_at=timezone.now() - timedelta(days=3))
        PaymentEvent.objects.update(at=timezone.now() - timedelta(days=2))
        sent(queued_refund(trip, "1.00"))

        assert differences(store, "--csv", write(f"{trip},refund,1.00,USD")) == []
        assert differences(store, "--csv", write()) == [["only here", "$1.00", "–"]]

    def test_what_was_booked_on_the_other_side_of_midnight_is_no_difference(
        self, sandbox: SandboxProcess, store: Store, write: Write
    ) -> None:
        trip = captured_trip(sandbox, store=store)
        PaymentEvent.objects.update(at=timezone.now() - timedelta(days=1))

        assert differences(store, "--csv", write(f"{trip},capture,10.00,USD")) == []
        assert differences(store, "--csv", write(f"{trip},capture,9.00,USD")) == [["only there", "$0.00", "$9.00"]]

    def test_a_report_of_the_retailers_own_processor(self, store: Store, write: Write, tmp_path: Path) -> None:
        trip = admin_rows.paid_trip("6.88", store=store)
        Charge.objects.update(flow=PaymentFlow.OWN_PROCESSOR)
        mapping = tmp_path / "own.toml"
        mapping.write_text(
            'trip = "trip_id"\nkind = "kind"\namount = "amount"\ncurrency = "currency"\nflows = ["OWN_PROCESSOR"]'
        )

        agreed = differences(store, "--csv", write(f"{trip},capture,6.88,USD"), "--mapping", str(mapping))
        differed = differences(store, "--csv", write(f"{trip},capture,7.00,USD"), "--mapping", str(mapping))

        assert (agreed, differed) == ([], [["captured differs", "$6.88", "$7.00"]])

    def test_all_stores_at_once(self, sandbox: SandboxProcess, store: Store, write: Write) -> None:
        """A trip is a stranger only where no store knows it."""
        first = captured_trip(sandbox, store=store)
        second = captured_trip(sandbox, store=a_store(f"RECONCILE-{uuid4()}", time_zone=MIDDAY_ZONE))
        path = write(f"{first},capture,10,USD", f"{second},capture,10,USD")

        assert run(None, "--csv", path)[0] == 0
        assert run(store, "--csv", path)[0] == 0

    def test_a_bad_row_stops_the_run(self, store: Store, write: Write) -> None:
        status, said = run(store, "--csv", write("A,capture,1,USD", "B,capture,,USD"))

        assert status == 2
        assert said.splitlines() == [
            "report.csv cannot be read, so nothing was compared.",
            "Line 3: “” is no amount such as 1234.50.",
        ]

    def test_a_file_in_another_encoding_is_named(self, store: Store, tmp_path: Path) -> None:
        path = tmp_path / "report.csv"
        path.write_bytes("trip_id,kind,amount,currency,Währung\n".encode("latin-1"))

        assert run(store, "--csv", str(path)) == (2, "report.csv is not in UTF-8.")

    @pytest.mark.parametrize("option", ["--csv", "--mapping"])
    def test_a_file_that_is_not_there_is_named(self, store: Store, write: Write, option: str) -> None:
        options = {"--csv": write(), "--mapping": "plain"} | {option: "/nowhere/at-all"}

        status, said = run(store, *(part for pair in options.items() for part in pair))

        assert (status, said) == (2, "/nowhere/at-all: No such file or directory.")


class TestWhenItCannotRun:
    def test_no_books_are_set(self, store: Store, settings: Any) -> None:
        settings.RECONCILE_BOOKS_URL = ""

        assert run(store) == (2, "No books are set: RECONCILE_BOOKS_URL is empty.")

    def test_the_books_do_not_answer(self, store: Store, settings: Any) -> None:
        settings.RECONCILE_BOOKS_URL = "http://127.0.0.1:9/books"

        assert run(store) == (2, "The books at http://127.0.0.1:9/books do not answer (ConnectionError).")

    @pytest.mark.parametrize(
        ("reply", "words"),
        [
            (http("503 Service Unavailable"), "answered 503."),
            (http("302 Found", Location="/elsewhere"), "answered 302."),
            (http("200 OK", b"<html>"), "are not understood: JSON is malformed"),
            (http("200 OK", b'{"trips": [{"trip_id": "A"}]}'), "are not understood: Object missing required field"),
            (http("200 OK", booked(captured="-1")), "hold no amount that makes sense for trip A."),
            (http("200 OK", booked(refunded="NaN")), "hold no amount that makes sense for trip A."),
            (http("200 OK", booked(trip_id="A\0")), "hold a trip id that cannot be printed: 'A\\x00'."),
            (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"), "do not answer ("),
        ],
    )
    def test_the_books_say_nothing_that_is_understood(
        self, store: Store, settings: Any, reply: Reply, words: str
    ) -> None:
        server = ScriptedServer(reply)
        settings.RECONCILE_BOOKS_URL = f"{server.url}/books"

        code, said = run(store)
        server.close()

        assert (code, words in said) == (2, True), said

    def test_the_store_is_unknown(self, store: Store) -> None:
        assert run(Store(external_id="NOWHERE")) == (
            2,
            f"There is no such store. Known: {store.external_id}.",
        )

    def test_the_days_are_the_wrong_way_round(self, store: Store) -> None:
        assert run(store, first="2026-03-02", last="2026-03-01") == (2, "2026-03-02 comes after 2026-03-01.")


def test_a_charge_that_is_collected_in_its_second_round_agrees(sandbox: SandboxProcess, store: Store) -> None:
    trip = staged_trip(sandbox, TEN, store=store)
    sandbox.fault("status", operation="adjust", trip=trip.amazon_trip_id, status=400)
    retry_charge(collected(trip).charge, actor="manager")
    collected(trip)

    assert fresh(trip).charge.captured == 10
    assert differences(store) == []
