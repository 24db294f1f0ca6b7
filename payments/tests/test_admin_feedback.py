"""The pages of reports to Amazon: the list, a page for each, the card on the trip's page, and sending one again."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Trip
from payments.models import FeedbackReport
from payments.services.feedback import NOT_TAKEN
from payments.states import FeedbackState
from payments.tests.admin_rows import a_call, a_report, a_store, an_event, paid_trip, staff_with
from stores.models import PaymentFlow

REPORTS = "/admin/payments/feedbackreport/"
REFUSED = "Amazon answered 400 UnknownShoppingTrip."

pytestmark = pytest.mark.django_db

of_every_state = pytest.mark.parametrize("state", list(FeedbackState))


@pytest.fixture
def staff(client: Client) -> Client:
    rights = ("payments.view_feedbackreport", "payments.resend_feedbackreport", "amazon.view_outboundcall")
    client.force_login(staff_with("orders.view_trip", *rights))
    return client


def refused_report(trip: Trip | None = None, **fields: Any) -> FeedbackReport:
    return a_report(trip or paid_trip(), "failed", last_error=REFUSED, lease_count=1, **fields)


def address(report: FeedbackReport, act: str = "change") -> str:
    return f"{REPORTS}{report.pk}/{act}/"


def page_of(trip: Trip) -> str:
    return f"/admin/orders/trip/{trip.pk}/change/"


def words(answer: Any) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def found(client: Client, query: str = "") -> list[int]:
    return [row.pk for row in client.get(REPORTS + query).context["cl"].result_list]


# --- The list --------------------------------------------------------------------------------------------------


def test_reports_are_filtered_and_found_by_their_trip(staff: Client) -> None:
    elsewhere = a_store("Other shop")
    accepted, refused = a_report(paid_trip(), "accepted"), refused_report(paid_trip(store=elsewhere))

    assert found(staff) == [refused.pk, accepted.pk]
    assert found(staff, "?state__exact=accepted") == [accepted.pk]
    assert found(staff, f"?store__id__exact={elsewhere.pk}") == [refused.pk]
    assert found(staff, f"?q={accepted.charge.trip.amazon_trip_id}") == [accepted.pk]
    assert found(staff, "?q=nonsense") == []


def test_a_row_says_what_is_told_and_what_came_of_it(staff: Client) -> None:
    retrying = {"lease_count": 4, "failed_attempts": 4, "last_error": "No answer came in time."}
    soon = datetime.now(UTC) + timedelta(minutes=8)
    a_report(paid_trip("10.00", captured="7.50"), "retrying", next_attempt_at=soon, **retrying)

    shown = words(staff.get(REPORTS))

    assert all(said in shown for said in ("$10.00", "$7.50", "$2.50", "No answer came in time.", ">4<", "retrying"))
    assert f'datetime="{soon.isoformat(timespec="seconds")}"' in shown


def test_the_number_of_statements_does_not_grow(staff: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get(REPORTS)
        return len(captured)

    refused_report(), statements()
    with_one = statements()
    for _ in range(10):
        refused_report()
    assert statements() == with_one < 15


def test_the_list_needs_its_right_and_nobody_adds_or_deletes(client: Client, admin_client: Client) -> None:
    report = refused_report()
    assert admin_client.get(f"{REPORTS}add/").status_code == 403
    assert admin_client.post(address(report, "delete"), {"post": "yes"}).status_code == 403

    client.force_login(staff_with("orders.view_trip", "payments.resend_feedbackreport"))
    for url in (REPORTS, address(report), address(report, "resend")):
        assert client.get(url).status_code == 403


def test_an_empty_list_says_what_will_stand_there(staff: Client) -> None:
    assert "No report yet" in words(staff.get(REPORTS))


def test_the_sidebar_leads_to_it(staff: Client) -> None:
    assert f'href="{REPORTS}"' in words(staff.get(REPORTS))


# --- The page of a report --------------------------------------------------------------------------------------


def test_a_report_shows_what_was_sent_and_what_was_answered(staff: Client) -> None:
    trip = paid_trip()
    at = datetime(2026, 2, 6, 2, 31, tzinfo=UTC)
    sent = '{"paymentStatusTime":1770345060000}'
    call = a_call(trip, "feedback", 400, request=sent, answer='{"errorMsg":"UnknownShoppingTrip"}')
    report = refused_report(trip, last_call=call, at=at)

    shown = words(staff.get(address(report)))

    assert "1770345060000" in shown
    assert "&quot;errorMsg&quot;: &quot;UnknownShoppingTrip&quot;" in shown
    assert REFUSED in shown
    assert f'href="{address(report, "resend")}"' in shown
    assert f'href="{page_of(trip)}"' in shown


@of_every_state
def test_every_state_has_its_page(staff: Client, state: FeedbackState) -> None:
    report = a_report(paid_trip(), state)

    shown = words(staff.get(address(report)))

    assert str(state.label) in shown
    assert ("Send again" in shown) == (state in NOT_TAKEN)


def test_a_report_that_waits_for_another_says_so(staff: Client) -> None:
    trip = paid_trip()
    a_report(trip, "retrying", next_attempt_at=datetime.now(UTC))

    shown = words(staff.get(address(a_report(trip, "planned"))))

    assert "It waits for an earlier report of this trip." in shown
    assert "Amazon has not been called yet." in shown


def test_a_call_that_the_journal_has_forgotten_is_not_missed(staff: Client) -> None:
    call = a_call(trip := paid_trip(), "feedback", 200)
    report = a_report(trip, "accepted", last_call=call, lease_count=1)
    call.delete()

    assert "no longer in the journal" in words(staff.get(address(report)))


@pytest.mark.parametrize("pk", ["999", "x"])
def test_there_must_be_a_report(staff: Client, pk: str) -> None:
    assert staff.get(f"{REPORTS}{pk}/change/").status_code == 404


# --- On the trip's page ----------------------------------------------------------------------------------------


def test_the_trips_page_shows_its_reports_in_order_and_leads_to_them(staff: Client) -> None:
    trip = paid_trip("10.00", captured="4.00")
    first = a_report(trip, "accepted")
    second = a_report(trip, "retrying", settled=Decimal("10.00"), cause="debt settled", last_error="No answer came.")

    shown = words(staff.get(page_of(trip)))

    assert shown.index("$4.00 of $10.00 settled") < shown.index("$10.00 of $10.00 settled")
    assert f'href="{address(first)}"' in shown
    assert f'href="{address(second)}"' in shown
    assert "No answer came." in shown


def test_the_timeline_says_what_became_of_reports(staff: Client) -> None:
    trip = paid_trip()
    for phase in ("rejected", "failed", "requested", "succeeded"):
        an_event(trip.charge, "feedback", phase, "6.88", key="1/1")

    shown = words(staff.get(page_of(trip)))

    said = (
        "Amazon rejected it",
        "Report of the payment status refused",
        "to be reported again",
        "Payment status reported",
    )
    assert all(title in shown for title in said)


@pytest.mark.parametrize("state", ["rejected", "failed"])
def test_the_trips_page_warns_of_a_report_that_amazon_did_not_take(staff: Client, state: str) -> None:
    report = a_report(trip := paid_trip(), state)
    warning = "Amazon has not taken the last report"

    shown = words(staff.get(page_of(trip)))
    assert warning in shown
    assert f'href="{address(report, "resend")}"' in shown

    a_report(trip, "accepted")
    assert warning not in words(staff.get(page_of(trip)))


def test_the_trip_needs_a_look_until_amazon_knows(staff: Client) -> None:
    trip = refused_report().charge.trip

    def listed() -> bool:
        return trip in staff.get("/admin/orders/trip/?attention=yes").context["cl"].result_list

    assert listed()
    a_report(trip, "accepted")
    assert not listed()


@pytest.mark.parametrize(
    ("store", "flow", "said"),
    [
        ({"is_test_mode": True}, "PAYMENT_SERVICE", "This store is in test mode."),
        ({"reports_payments": False}, "PAYMENT_SERVICE", "This store is set not to report payments."),
        ({}, "CHECKOUT_SERVICE", "Amazon knows by itself"),
    ],
)
def test_the_trips_page_says_why_nothing_is_reported(
    staff: Client, settings: Any, store: dict[str, bool], flow: PaymentFlow, said: str
) -> None:
    settings.AMAZON_FEEDBACK_URL = ""
    trip = paid_trip(store=a_store("Some shop", **store))
    type(trip.charge).objects.update(flow=flow)

    assert said in words(staff.get(page_of(trip)))


def test_a_trip_without_a_report_shows_none(staff: Client) -> None:
    assert '<h2 class="bo-card-title">Reports to Amazon</h2>' not in words(staff.get(page_of(paid_trip())))


def test_the_trips_page_refreshes_itself_while_a_report_is_due(staff: Client) -> None:
    report = a_report(paid_trip(), "planned", next_attempt_at=datetime.now(UTC))

    assert staff.get(page_of(report.charge.trip)).context["poll_seconds"] > 0


def test_the_trips_page_costs_the_same_statements_however_many_reports(staff: Client) -> None:
    trip = paid_trip()

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            staff.get(page_of(trip))
        return len(captured)

    refused_report(trip), statements()
    with_one = statements()
    for _ in range(5):
        refused_report(trip)
    assert statements() == with_one


def test_without_the_right_the_button_says_which_is_missing(client: Client) -> None:
    client.force_login(staff_with("orders.view_trip", "payments.view_feedbackreport"))
    report = refused_report()

    for url in (page_of(report.charge.trip), address(report)):
        shown = words(client.get(url))
        assert "payments.resend_feedbackreport" in shown
        assert address(report, "resend") not in shown


# --- Sending one again -----------------------------------------------------------------------------------------


def test_asking_shows_what_will_be_told_and_changes_nothing(staff: Client) -> None:
    report = refused_report(paid_trip("10.00", captured="7.50"))

    shown = words(staff.get(address(report, "resend")))

    assert all(said in shown for said in ("$10.00", "$7.50", "$2.50", REFUSED, "No money moves."))
    assert FeedbackReport.objects.get().state == "failed"


def test_it_is_planned_again_once_whoever_clicks_twice(staff: Client) -> None:
    report = refused_report()

    first = words(staff.post(address(report, "resend"), follow=True))
    second = words(staff.post(address(report, "resend"), follow=True))

    assert "The report will be sent again." in first
    assert "It is waiting to be sent already." in second
    report.refresh_from_db()
    assert (report.state, report.next_attempt_at is not None, report.last_error) == ("planned", True, "")
    assert report.charge.events.filter(kind="feedback", phase="requested").count() == 1
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "said"), [("accepted", "Amazon has accepted it."), ("retrying", "It is waiting to be sent already.")]
)
def test_what_cannot_be_sent_again_says_why(staff: Client, state: str, said: str) -> None:
    report = a_report(paid_trip(), state)

    assert said in words(staff.get(address(report, "resend")))
    assert said in words(staff.post(address(report, "resend"), follow=True))
    assert FeedbackReport.objects.get().state == state


def test_one_that_a_later_one_made_good_is_not_sent_again(staff: Client) -> None:
    report = refused_report()
    a_report(report.charge.trip, "accepted")

    assert "A later report of this trip says more" in words(staff.get(address(report, "resend")))
    staff.post(address(report, "resend"))
    report.refresh_from_db()
    assert report.state == "failed"


def test_it_needs_its_right(client: Client) -> None:
    report = refused_report()
    assert client.post(address(report, "resend"))["Location"].startswith("/admin/login/")

    client.force_login(staff_with("orders.view_trip", "payments.view_feedbackreport"))
    for answer in (client.get(address(report, "resend")), client.post(address(report, "resend"))):
        assert answer.status_code == 403
        assert "payments.resend_feedbackreport" in answer.content.decode()
    assert FeedbackReport.objects.get().state == "failed"


# --- What needs somebody ---------------------------------------------------------------------------------------


def test_what_amazon_has_not_taken_needs_action_until_a_later_one_says_more(staff: Client) -> None:
    trip = paid_trip()
    report = refused_report(trip)
    fine = a_report(paid_trip(), "accepted")

    assert found(staff, "?action=yes") == [report.pk]
    listed = {row.pk: row.needs_action for row in staff.get(REPORTS).context["cl"].result_list}
    assert listed == {report.pk: True, fine.pk: False}
    assert "Needs action: Amazon has not taken this report" in words(staff.get(address(report)))
    assert "Needs action:" not in words(staff.get(address(fine)))

    a_report(trip, "accepted")
    assert found(staff, "?action=yes") == []
    assert "Needs action:" not in words(staff.get(address(report)))


def test_a_report_shows_each_attempt_of_its_own_with_what_the_answer_means(staff: Client) -> None:
    trip = paid_trip()
    first = a_report(trip, "accepted", at=datetime(2026, 2, 6, 2, 31, tzinfo=UTC))
    second = refused_report(trip, at=datetime(2026, 2, 6, 2, 32, tzinfo=UTC))
    for report, status in ((first, 200), (second, 500), (second, 400)):
        sent = f'{{"paymentStatusTime":{int(report.at.timestamp() * 1000)}}}'
        a_call(trip, "feedback", status, request=sent, answer="", duration_ms=100 + status)

    shown = words(staff.get(address(second)))

    assert "600 ms" in shown
    assert "500 ms" in shown
    assert "300 ms" not in shown
    assert "Amazon refuses the request as it is. (400)" in shown


def test_who_had_it_sent_again_is_told(staff: Client) -> None:
    report = refused_report()
    staff.post(address(report, "resend"))

    shown = words(staff.get(address(report)))

    assert "What was done" in shown
    assert "clerk" in shown[shown.index("What was done") :]


def test_payloads_need_a_right_of_their_own(client: Client) -> None:
    client.force_login(staff_with("payments.view_feedbackreport"))
    report = refused_report()
    sent = f'{{"paymentStatusTime":{int(report.at.timestamp() * 1000)},"secret":"SECRET"}}'
    a_call(report.charge.trip, "feedback", 400, request=sent)

    shown = words(client.get(address(report)))

    assert "SECRET" not in shown
    assert "amazon.view_outboundcall" in shown
