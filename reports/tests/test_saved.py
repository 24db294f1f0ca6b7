"""/reports/saved/: a report under a name, sent once when it is due, with what its recipient may see by then."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qsl
from zipfile import ZipFile
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.db.models.signals import pre_save
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.rights import refusal
from core.tests.staff import staff_with
from core.work import LeaseLost
from payments.tests.mail_server import HANGS_UP, SMTP_BACKEND, MailServer, running_mail_server
from reports.models import ReportMail, SavedReport
from reports.schedule import Schedule, Weekday, last_due, next_due
from reports.services.saved import plan_mails, send_report
from reports.tasks import forget_report_mails, mail_reports_due
from reports.tests.rows import a_paid_trip, a_store, counted
from staff.models import Notification, User
from stores.models import Store

RIGHT = "reports.view_reports"
MONDAY = Weekday.MONDAY


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    with running_mail_server() as server:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
        settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = SMTP_BACKEND, "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.BASE_URL = "https://shop.example"
        yield server


def a_person(username: str = "ann", *rights: str, **fields: Any) -> User:
    person: User = staff_with(*(rights or (RIGHT,)), username=username, **fields)
    person.email = f"{username}@shop.example"
    person.save()
    return person


@pytest.fixture
def ann(client: Client, db: None) -> User:
    person = a_person()
    client.force_login(person)
    return person


def saved(client: Client, address: str = "overview/?period=yesterday&group=day", **fields: Any) -> SavedReport:
    """As its person saves it."""
    person = User.objects.get(pk=client.session["_auth_user_id"])
    asked = {
        "name": "Sales",
        "schedule": "daily",
        "weekday": "0",
        "hour": "7",
        "time_zone": "America/New_York",
        "recipients": [person.pk],
    }
    answer = client.post(f"/reports/saved/new/{address}", asked | fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return SavedReport.objects.latest("pk")


def due(report: SavedReport, since: timedelta = timedelta(minutes=1)) -> datetime:
    """Its hour has come so long ago: the report is given that hour of the clock of UTC."""
    moment = (datetime.now(UTC) - since).replace(minute=0, second=0, microsecond=0)
    SavedReport.objects.filter(pk=report.pk).update(
        hour=moment.hour, time_zone="UTC", due_at=moment, next_attempt_at=moment
    )
    return moment


# --- When ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schedule", "hour", "after", "expected"),
    [
        ("daily", 7, "2026-03-10T10:59Z", "2026-03-10T11:00Z"),
        ("daily", 7, "2026-03-10T11:00Z", "2026-03-11T11:00Z"),
        ("weekly", 7, "2026-03-09T11:00Z", "2026-03-16T11:00Z"),
        ("monthly", 7, "2026-01-01T12:00Z", "2026-02-01T12:00Z"),
        # The clock goes from 2:00 to 3:00 on 8 March, and from 2:00 back to 1:00 on 1 November.
        ("daily", 7, "2026-03-07T12:00Z", "2026-03-08T11:00Z"),
        ("daily", 2, "2026-03-07T08:00Z", "2026-03-08T07:00Z"),
        ("daily", 2, "2026-03-08T07:00Z", "2026-03-09T06:00Z"),
        ("daily", 1, "2026-10-31T23:00Z", "2026-11-01T05:00Z"),
        ("daily", 1, "2026-11-01T05:00Z", "2026-11-02T06:00Z"),
    ],
)
def test_it_is_due_at_an_hour_of_the_stores_clock(schedule: str, hour: int, after: str, expected: str) -> None:
    found = next_due(schedule, MONDAY, hour, "America/New_York", datetime.fromisoformat(after))

    assert found == datetime.fromisoformat(expected)
    assert last_due(schedule, MONDAY, hour, "America/New_York", found) == found


@pytest.mark.parametrize("weekday", Weekday)
def test_a_weekly_one_has_its_day_of_the_week(weekday: Weekday) -> None:
    found = next_due("weekly", weekday, 23, "America/New_York", datetime.fromisoformat("2026-03-09T12:00Z"))

    assert found == datetime(2026, 3, 10 + weekday, 3, tzinfo=UTC)  # by the store's clock the evening before
    assert last_due("weekly", weekday, 23, "America/New_York", found + timedelta(days=6)) == found


@pytest.mark.parametrize("schedule", ["daily", "weekly", "monthly"])
@pytest.mark.parametrize("hour", [0, 1, 2, 3, 23])
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo"])
def test_each_day_has_one_moment(schedule: str, hour: int, zone: str) -> None:
    moment, found = datetime(2026, 1, 1, tzinfo=UTC), []
    while moment.year == 2026:
        later = next_due(schedule, MONDAY, hour, zone, moment)
        assert later is not None
        assert later > moment
        if found:
            assert last_due(schedule, MONDAY, hour, zone, later - timedelta(seconds=1)) == found[-1]
        found.append(moment := later)
    assert len(found) in {"daily": (365, 366), "weekly": (52, 53), "monthly": (12, 13)}[schedule]


def test_by_hand_only_is_never_due() -> None:
    assert next_due(Schedule.NONE, MONDAY, 7, "UTC", datetime.now(UTC)) is None


# --- What is sent ----------------------------------------------------------------------------------------------


def test_it_is_sent_once_with_its_totals_and_a_workbook(client: Client, ann: User, mail_server: MailServer) -> None:
    store = a_store()
    report = saved(client)
    moment = due(report)
    yesterday = moment.date() - timedelta(days=1)
    a_paid_trip(store, yesterday, "1234.50")
    counted()

    for _ in range(3):
        mail_reports_due()

    (mail,) = mail_server.mails
    assert mail["To"] == "ann@shop.example"
    assert mail["Subject"] == f"Sales: {yesterday.day} {yesterday:%B %Y}"
    text, table = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "  Sales: $1,234.50 (▲ from nothing)" in text
    assert "  Refunded: $0.00 (= unchanged)" in text
    link = f"https://shop.example/reports/?group=day&from={yesterday}&to={yesterday}"
    assert link in text
    assert "$1,234.50" in table
    (workbook,) = mail.iter_attachments()
    assert workbook.get_filename() == f"overview-{yesterday}-{yesterday}.xlsx"
    with ZipFile(BytesIO(workbook.get_content())) as book:
        assert "<v>1234.50" in book.read("xl/worksheets/sheet1.xml").decode()
    row = ReportMail.objects.get()
    assert (row.state, row.due_at) == ("sent", moment)
    report.refresh_from_db()
    assert moment < datetime.now(UTC) < report.due_at == report.next_attempt_at


def test_after_an_outage_it_is_sent_once_for_the_last_time(client: Client, ann: User, mail_server: MailServer) -> None:
    """Three mornings without a worker; the day is that of the last one, though today is another by now."""
    a_store()
    report = saved(client)
    moment = due(report)
    SavedReport.objects.update(due_at=moment - timedelta(days=3), next_attempt_at=moment - timedelta(days=3))

    mail_reports_due()

    (mail,) = mail_server.mails
    yesterday = moment.date() - timedelta(days=1)
    assert mail["Subject"] == f"Sales: {yesterday.day} {yesterday:%B %Y}"
    assert ReportMail.objects.get().due_at == moment


def test_a_weekly_one_that_is_late_is_about_its_own_week(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    report = saved(client, "overview/?period=last-week", schedule="weekly")
    monday = date.today() - timedelta(days=date.today().weekday())  # noqa: DTZ011
    moment = datetime(monday.year, monday.month, monday.day, tzinfo=UTC)
    SavedReport.objects.filter(pk=report.pk).update(hour=0, time_zone="UTC", due_at=moment, next_attempt_at=moment)

    mail_reports_due()

    mail = ReportMail.objects.get()
    assert (mail.day.weekday(), mail.due_at) == (0, moment)
    first, last = mail.day - timedelta(days=7), mail.day - timedelta(days=1)
    assert f"from={first}&to={last}" in mail_server.mails[0].get_body(("plain",)).get_content()


def test_two_workers_send_it_once(client: Client, ann: User, mail_server: MailServer) -> None:
    """The first one's lease ends while it works, and the second does it."""
    a_store()
    report = saved(client)
    due(report)
    (late,) = SavedReport.lease_due(1)
    SavedReport.objects.update(next_attempt_at=Now())
    (early,) = SavedReport.lease_due(1)
    plan_mails(early)
    with pytest.raises(LeaseLost):
        plan_mails(late)

    (slow,) = ReportMail.lease_due(1)
    ReportMail.objects.update(next_attempt_at=Now())
    mail_reports_due()
    with pytest.raises(LeaseLost):
        send_report(slow)

    assert len(mail_server.mails) == 1
    assert ReportMail.objects.get().state == "sent"


def test_what_perhaps_went_out_is_not_sent_again(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    due(saved(client))
    mail_server.answers["DATA"] = HANGS_UP

    mail_reports_due()
    mail_server.answers.clear()
    mail_reports_due()

    assert len(mail_server.mails) == 1
    assert ReportMail.objects.get().state == "unknown"
    assert "The mail server did not say whether it took the mail" in client.get("/reports/saved/").content.decode()


def test_a_mail_server_that_says_no_for_now_is_asked_again(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    due(saved(client))
    mail_server.answers["RCPT"] = "451 later"
    mail_reports_due()
    assert ReportMail.objects.get().state == "waiting"

    mail_server.answers.clear()
    ReportMail.objects.update(next_attempt_at=Now())
    mail_reports_due()

    assert ReportMail.objects.get().state == "sent"


def test_send_now(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    report = saved(client, schedule="none")

    for _ in range(2):
        client.post(f"/reports/saved/{report.pk}/send/")
    mail_reports_due()

    assert "It is being sent already." in client.get("/reports/saved/").content.decode()
    assert len(mail_server.mails) == 1
    client.post(f"/reports/saved/{report.pk}/send/")
    mail_reports_due()
    assert len(mail_server.mails) == 2


def test_without_a_mail_server_the_list_says_so(client: Client, ann: User) -> None:
    a_store()
    due(saved(client))

    mail_reports_due()

    page = client.get("/reports/saved/").content.decode()
    assert "No mail server is set: EMAIL_URL is empty." in page
    assert Notification.objects.get(user=ann).title.startswith("Sales was not sent to ann: No mail server is set")


def test_a_report_that_is_deleted_meanwhile_is_not_sent(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    report = saved(client)
    due(report)
    (leased,) = SavedReport.lease_due(1)
    plan_mails(leased)
    (mail,) = ReportMail.lease_due(1)
    client.post(f"/reports/saved/{report.pk}/delete/")

    for act, row in ((plan_mails, leased), (send_report, mail)):
        with pytest.raises(LeaseLost):
            act(row)
    assert mail_server.mails == []


def test_what_became_of_mails_is_forgotten_in_time(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    due(saved(client))
    mail_reports_due()
    assert forget_report_mails() == 0

    ReportMail.objects.update(due_at=datetime.now(UTC) - timedelta(days=91))
    assert forget_report_mails() == 1


# --- To whom ---------------------------------------------------------------------------------------------------


def test_each_recipient_is_sent_what_they_see(client: Client, ann: User, mail_server: MailServer) -> None:
    here, there = a_store("Here"), a_store("There")
    bob = a_person("bob", sees_all_stores=False)
    bob.stores.add(here)
    report = saved(client, "overview/?period=yesterday&group=day&store=here&store=there", recipients=[ann.pk, bob.pk])
    yesterday = due(report).date() - timedelta(days=1)
    a_paid_trip(here, yesterday, "10.00")
    a_paid_trip(there, yesterday, "99.00")
    counted()

    mail_reports_due()

    texts = {mail["To"]: mail.get_body(("plain",)).get_content() for mail in mail_server.mails}
    assert "  Sales: $109.00" in texts["ann@shop.example"]
    assert "  Sales: $10.00" in texts["bob@shop.example"]
    assert "There" not in texts["bob@shop.example"]
    assert "store=here&store=there" in texts["ann@shop.example"]
    assert "store=here" in texts["bob@shop.example"]
    assert "store=there" not in texts["bob@shop.example"]
    assert "ann has this report sent to you, with what you may see." in texts["bob@shop.example"]


def test_parts_of_no_currency_have_a_heading(client: Client, ann: User, mail_server: MailServer) -> None:
    store = a_store()
    yesterday = due(saved(client, "entries/?period=yesterday")).date() - timedelta(days=1)
    a_paid_trip(store, yesterday)
    counted()

    mail_reports_due()

    (mail,) = mail_server.mails
    assert "Carts" in mail.get_body(("plain",)).get_content().splitlines()
    assert ">Carts</caption>" in mail.get_body(("html",)).get_content()


def lose_right(person: User) -> None:
    person.user_permissions.clear()


def leave(person: User) -> None:
    person.is_active = False
    person.save()


def lose_stores(person: User) -> None:
    person.sees_all_stores = False
    person.save()


def lose_address(person: User) -> None:
    person.email = ""
    person.save()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lose_right, "bob may not see the reports any more."),
        (leave, "bob does not work here any more."),
        (lose_stores, "bob sees none of its stores any more."),
        (lose_address, "No e-mail address of bob is known."),
    ],
)
def test_who_may_not_have_it_any_more_is_skipped_and_the_list_says_so(
    client: Client, ann: User, mail_server: MailServer, change: Any, sentence: str
) -> None:
    a_store()
    bob = a_person("bob")
    due(saved(client, recipients=[ann.pk, bob.pk]))
    change(bob)

    mail_reports_due()

    assert [mail["To"] for mail in mail_server.mails] == ["ann@shop.example"]
    assert ReportMail.objects.get(recipient=bob).last_error == sentence
    assert sentence in client.get("/reports/saved/").content.decode()


def test_nothing_is_sent_in_the_name_of_somebody_who_lost_the_right(
    client: Client, ann: User, mail_server: MailServer
) -> None:
    a_store()
    bob = a_person("bob")
    due(saved(client, recipients=[bob.pk]))
    lose_right(ann)

    mail_reports_due()

    assert mail_server.mails == []
    assert ReportMail.objects.get().last_error == "ann may not see the reports any more."


def test_a_question_that_makes_no_sense_any_more_is_told(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    report = saved(client)
    due(report)
    SavedReport.objects.update(question="period=fortnight")
    mail_reports_due()
    assert "fortnight is not one of the available choices" in client.get("/reports/saved/").content.decode()

    SavedReport.objects.update(page="gone", question="")
    due(report, timedelta(days=1))
    assert "There is no such page any more." in client.get("/reports/saved/").content.decode()
    client.post(f"/reports/saved/{report.pk}/send/")
    mail_reports_due()
    assert ReportMail.objects.latest("due_at").last_error == "There is no such page any more."
    assert mail_server.mails == []


def test_a_mail_that_cannot_be_built_is_given_up_in_the_end(client: Client, ann: User, mail_server: MailServer) -> None:
    """Nobody foresaw a store in no time zone."""
    a_store()
    due(saved(client, "end-of-day/?period=yesterday"))
    Store.objects.update(time_zone="Mars/North")

    for tries in range(1, 6):
        mail_reports_due()
        row = ReportMail.objects.get()
        assert row.state == ("waiting" if tries < 5 else "failed")
        ReportMail.objects.filter(state="waiting").update(next_attempt_at=Now())

    assert row.next_attempt_at is None
    sentence = "Something is wrong here; the log of the worker says what."
    assert Notification.objects.get(user=ann).title == f"Sales was not sent to ann: {sentence}"
    assert mail_server.mails == []


def test_only_colleagues_who_may_see_reports_can_be_chosen(client: Client, ann: User) -> None:
    a_store()
    other = a_person("other", "orders.view_trip")

    asked = {
        "name": "Sales",
        "schedule": "daily",
        "weekday": "0",
        "hour": "7",
        "time_zone": "UTC",
        "recipients": [other.pk],
    }
    answer = client.post("/reports/saved/new/overview/", asked)

    assert "That is none of the colleagues who may see the reports." in answer.content.decode()
    assert not SavedReport.objects.exists()


def test_who_did_what_tells_what_left_by_mail(client: Client, ann: User, mail_server: MailServer) -> None:
    a_store()
    due(saved(client))
    mail_reports_due()

    auditor = Client()
    auditor.force_login(a_person("auditor", "staff.view_audit"))
    assert "Sent the report “Sales” (overview) to ann" in auditor.get("/admin/audit/").content.decode()


# --- The pages -------------------------------------------------------------------------------------------------


def test_a_report_is_saved_from_its_page_changed_and_deleted(client: Client, ann: User) -> None:
    a_store()
    form = client.get("/reports/saved/new/refunds/?period=last-month").context["form"]
    assert form["recipients"].value() == [ann.pk]
    page = client.get("/reports/refunds/?period=last-month&group=person").content.decode()
    address = "/reports/saved/new/refunds/?period=last-month"
    assert address in page.replace("&amp;", "&")
    report = saved(client, "refunds/?period=last-month&group=person", name="Who refunds", schedule="none")
    assert (report.page, report.question) == ("refunds", "period=last-month&group=person")
    assert (report.due_at, report.next_attempt_at) == (None, None)
    assert "/reports/refunds/?period=last-month&amp;group=person" in client.get("/reports/saved/").content.decode()

    asked = {
        "name": "Who",
        "schedule": "monthly",
        "weekday": "0",
        "hour": "6",
        "time_zone": "America/New_York",
        "recipients": [ann.pk],
    }
    assert client.post(f"/reports/saved/{report.pk}/", asked).status_code == 302
    report.refresh_from_db()
    assert (report.name, report.due_at.day) == ("Who", 1)

    client.post(f"/reports/saved/{report.pk}/delete/")
    assert "No saved reports yet" in client.get("/reports/saved/").content.decode()


def as_shown(client: Client, report: SavedReport) -> dict[str, Any]:
    """What a browser would send of the report's form as it stands."""
    context = client.get(f"/reports/saved/{report.pk}/").context
    fields = [*context["form"], *(context["question"] or [])]
    return {field.name: field.value() for field in fields if field.value() not in (None, "")}


def test_its_question_and_its_day_of_the_week_can_be_changed(client: Client, ann: User) -> None:
    a_store("Here")
    a_store("There")
    report = saved(client, "overview/?period=yesterday&group=day&store=here", schedule="weekly")
    assert "every Monday, 07:00" in client.get("/reports/saved/").content.decode()
    shown = as_shown(client, report)
    assert (shown["period"], shown["group"], shown["store"]) == ("yesterday", "day", ["here"])

    changed = {"period": "last-week", "group": "store", "store": ["here", "there"], "weekday": "4"}
    assert client.post(f"/reports/saved/{report.pk}/", shown | changed).status_code == 302

    report.refresh_from_db()
    assert report.question == "period=last-week&compare=before&group=store&store=here&store=there"
    assert report.due_at.astimezone(ZoneInfo("America/New_York")).weekday() == 4
    assert "every Friday, 07:00" in client.get("/reports/saved/").content.decode()
    assert as_shown(client, report) == {**shown, **changed, "weekday": 4}


def test_of_one_day_it_is_kept_in_words(client: Client, ann: User) -> None:
    a_store("Here")
    a_store("There")
    report = saved(client, "end-of-day/?store=here", schedule="none")
    shown = as_shown(client, report)
    assert (shown["period"], shown["store"]) == ("today", "here")

    client.post(f"/reports/saved/{report.pk}/", shown | {"period": "yesterday", "store": "there"})

    report.refresh_from_db()
    assert report.question == "period=yesterday&store=there"


@pytest.mark.parametrize(
    ("page", "wrong", "sentence"),
    [
        ("overview", {"period": "fortnight"}, "fortnight is not one of the available choices"),
        ("overview", {"store": ["elsewhere"]}, "elsewhere is none of the stores that you see."),
        ("journal", {"from": "2026-01-01", "to": "2026-12-31", "group": "entry"}, "Each entry of at most 93 days"),
    ],
)
def test_a_question_is_not_changed_to_one_that_makes_no_sense(
    client: Client, ann: User, page: str, wrong: dict[str, Any], sentence: str
) -> None:
    a_store()
    report = saved(client, f"{page}/?period=last-week")

    answer = client.post(f"/reports/saved/{report.pk}/", as_shown(client, report) | {"name": "Other"} | wrong)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert 'value="Other"' in answer.content.decode()
    report.refresh_from_db()
    assert (report.name, report.question) == ("Sales", "period=last-week")


def test_a_question_that_makes_no_sense_any_more_can_be_put_right(client: Client, ann: User) -> None:
    a_store()
    report = saved(client)
    SavedReport.objects.update(question="period=fortnight")

    client.post(f"/reports/saved/{report.pk}/", as_shown(client, report) | {"period": "today"})

    report.refresh_from_db()
    assert report.question == "period=today&compare=before"


def as_a_browser(client: Client, report: SavedReport) -> dict[str, Any]:
    """As it sends the form: of what is chosen only what there is to choose, and of a list to choose one from the first
    where none is chosen."""
    shown = as_shown(client, report)
    field = client.get(f"/reports/saved/{report.pk}/").context["question"]["store"]
    offered = [value for value, _ in field.field.choices]
    if isinstance(shown.get("store"), list):
        return shown | {"store": [value for value in shown["store"] if value in offered]}
    return shown | {"store": shown["store"] if shown["store"] in offered else offered[0]}


@pytest.mark.parametrize("page", ["overview", "end-of-day"])
@pytest.mark.parametrize("is_seen", [False, True])
def test_another_name_does_not_make_it_a_report_of_other_stores(
    client: Client, ann: User, page: str, is_seen: bool
) -> None:
    """A store that one does not see any more is no choice; the control still sees it."""
    a_store("Here")
    there = a_store("There")
    report = saved(client, f"{page}/?period=yesterday&store=there")
    question = report.question
    ann.sees_all_stores = False
    ann.save()
    ann.stores.set(Store.objects.all() if is_seen else Store.objects.exclude(pk=there.pk))

    answer = client.post(f"/reports/saved/{report.pk}/", as_a_browser(client, report) | {"name": "Other"})

    report.refresh_from_db()
    said = "It names stores that you do not see any more: choose its stores."
    assert (answer.status_code, report.name) == ((302, "Other") if is_seen else (200, "Sales"))
    assert (said in answer.content.decode()) is not is_seen
    assert dict(parse_qsl(report.question))["store"] == "there"
    assert is_seen or report.question == question

    if not is_seen:
        named = as_a_browser(client, report) | {"name": "Other", "store": "here"}
        assert client.post(f"/reports/saved/{report.pk}/", named).status_code == 302
        report.refresh_from_db()
        assert dict(parse_qsl(report.question))["store"] == "here"


@pytest.mark.parametrize("page", ["gone", "staff-actions"])
def test_of_a_page_that_is_gone_or_not_ones_own_any_more_the_question_stays(
    client: Client, ann: User, page: str
) -> None:
    a_store()
    report = saved(client)
    SavedReport.objects.update(page=page)
    shown = as_shown(client, report)
    assert "period" not in shown

    client.post(f"/reports/saved/{report.pk}/", shown | {"name": "Other", "period": "today"})

    report.refresh_from_db()
    assert (report.name, report.question) == ("Other", "period=yesterday&group=day")


def test_another_name_moves_no_mail_that_is_due(client: Client, ann: User, mail_server: MailServer) -> None:
    """A worker has leased it: its lease is not touched, and another hour counts from now."""
    a_store()
    report = saved(client)
    moment = due(report)
    (leased,) = SavedReport.lease_due(1)
    asked = {
        "name": "Other",
        "schedule": "daily",
        "weekday": "0",
        "hour": moment.hour,
        "time_zone": "UTC",
        "recipients": [ann.pk],
    }

    assert client.post(f"/reports/saved/{report.pk}/", asked).status_code == 302
    report.refresh_from_db()
    assert (report.name, report.due_at) == ("Other", moment)
    assert (report.next_attempt_at, report.lease_count) == (leased.next_attempt_at, 1)

    other_hour = (moment.hour + 12) % 24
    assert client.post(f"/reports/saved/{report.pk}/", asked | {"hour": other_hour}).status_code == 302
    report.refresh_from_db()
    assert report.due_at == report.next_attempt_at > datetime.now(UTC)
    assert report.due_at.hour == other_hour


def test_of_two_that_are_saved_at_once_under_a_name_one_is_told(client: Client, ann: User) -> None:
    """The other one comes between the look at the names and the saving."""
    a_store()

    def come_between(instance: SavedReport, **_: Any) -> None:
        SavedReport.objects.bulk_create([SavedReport(person=ann, name=instance.name, page="overview")])

    asked = {
        "name": "Sales",
        "schedule": "daily",
        "weekday": "0",
        "hour": "7",
        "time_zone": "America/New_York",
        "recipients": [ann.pk],
    }
    pre_save.connect(come_between, sender=SavedReport)
    try:
        answer = client.post("/reports/saved/new/overview/", asked)
    finally:
        pre_save.disconnect(come_between, sender=SavedReport)

    assert answer.status_code == 200
    assert "A report of yours has this name already." in answer.content.decode()


def test_only_pages_that_one_may_see_are_offered(client: Client, ann: User) -> None:
    a_store()
    auditor = Client()
    auditor.force_login(a_person("auditor", RIGHT, "staff.view_audit"))
    for address in ("/reports/", "/reports/files/", "/reports/saved/", "/reports/saved/new/overview/"):
        assert "/reports/staff-actions/" not in client.get(address).content.decode()
        assert "/reports/staff-actions/" in auditor.get(address).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "This field is required."),
        ({"name": "Sales"}, "A report of yours has this name already."),
        ({"hour": "25"}, "Select a valid choice. 25 is not one of the available choices."),
        ({"schedule": "hourly"}, "Select a valid choice. hourly is not one of the available choices."),
        ({"time_zone": "Mars/North"}, "Select a valid choice. Mars/North is not one of the available choices."),
        ({"recipients": []}, "This field is required."),
    ],
)
def test_a_form_that_makes_no_sense_is_answered_in_words(
    client: Client, ann: User, fields: dict[str, Any], sentence: str
) -> None:
    a_store()
    saved(client)
    asked = {
        "name": "Other",
        "schedule": "daily",
        "weekday": "0",
        "hour": "7",
        "time_zone": "UTC",
        "recipients": [ann.pk],
    }

    answer = client.post("/reports/saved/new/overview/", asked | fields)

    assert answer.status_code == 200
    assert sentence in answer.content.decode()


def test_a_bad_question_is_not_saved(client: Client, ann: User) -> None:
    a_store()
    answer = client.get("/reports/saved/new/overview/?period=fortnight", follow=True)
    assert "fortnight is not one of the available choices" in answer.content.decode()
    assert client.get("/reports/saved/new/nothing/").status_code == 404
    too_much = "from=2026-01-01&to=2026-12-31&group=entry"
    answer = client.get(f"/reports/saved/new/journal/?{too_much}", follow=True)
    assert answer.redirect_chain == [(f"/reports/journal/?{too_much}", 302)]
    assert "Each entry of at most 93 days" in answer.content.decode()
    too_long = "&".join(["store=corner-shop"] * 200)
    answer = client.get(f"/reports/saved/new/overview/?{too_long}", follow=True)
    assert "This question is too long to be kept" in answer.content.decode()


def test_pages_need_their_right_and_are_ones_own(client: Client, ann: User) -> None:
    a_store()
    report = saved(client)
    addresses = [
        ("get", "/reports/saved/"),
        ("get", "/reports/saved/new/overview/"),
        ("get", f"/reports/saved/{report.pk}/"),
        ("post", f"/reports/saved/{report.pk}/send/"),
        ("post", f"/reports/saved/{report.pk}/delete/"),
    ]
    stranger, bob = Client(), Client()
    stranger.force_login(a_person("stranger", "orders.view_trip"))
    bob.force_login(a_person("bob"))
    for method, address in addresses:
        answer = getattr(stranger, method)(address)
        assert answer.status_code == 403
        assert answer.context["said"] == refusal(RIGHT)
    for method, address in addresses[2:]:
        assert getattr(bob, method)(address).status_code == 404
    assert "No saved reports yet" in bob.get("/reports/saved/").content.decode()


def test_the_pages_take_few_statements(client: Client, ann: User) -> None:
    a_store()
    for number in range(4):
        report = saved(client, name=f"Report {number}")
        client.post(f"/reports/saved/{report.pk}/send/")
    for address in ("/reports/saved/", f"/reports/saved/{report.pk}/", "/reports/saved/new/overview/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) < 10, [query["sql"] for query in queries]
