"""House accounts and payment methods in the admin."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from payments.models import AccountEntry, HouseAccount, PaymentMethod
from payments.services.house_accounts import change_terms, pay_in
from payments.tests.admin_rows import staff_with
from payments.tests.app_trips import a_member, an_account, app_trip, entries, held_by, prepaid, with_card
from payments.tests.trips import collected

ACCOUNTS = "/admin/payments/houseaccount/"
ENTRIES = "/admin/payments/accountentry/"
METHODS = "/admin/payments/paymentmethod/"
SEEN = "payments.view_houseaccount"

pytestmark = pytest.mark.django_db


def url(account: HouseAccount, act: str = "change") -> str:
    return reverse(f"admin:payments_houseaccount_{act}", args=[account.pk])


def messages_of(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def paid(amount: str = "5.00", **fields: Any) -> dict[str, Any]:
    return {"key": str(uuid4()), "amount": amount, "note": "Cash, till 2", "is_confirmed": "True"} | fields


def shown_terms(page: Any) -> dict[str, str]:
    """What the form says about the terms that it shows."""
    return {"instead_of": page.context["form"]["instead_of"].value()}


class TestTheList:
    def test_it_shows_what_is_on_each_account(self, admin_client: Client) -> None:
        prepaid("7.50")
        an_account("MEMBER-2", most_owed=Decimal(50), is_open=False)
        collected(app_trip(member="MEMBER-3"))

        page = admin_client.get(ACCOUNTS).content.decode()

        for shown in ("$7.50", "$0.00", "-$10.00", "$50.00", "paid ahead", "by invoice", "closed"):
            assert shown in page, shown

    def test_lines_that_cancel_each_other_leave_no_minus_before_the_zero(self, admin_client: Client) -> None:
        account = an_account()
        for amount in ("-0.10", "-0.20", "0.30"):
            pay_in(account, amount=Decimal(amount), key=uuid4(), actor="manager", note="At the till.")

        page = admin_client.get(ACCOUNTS).content.decode()

        assert "$0.00" in page
        assert "-$0.00" not in page

    def test_a_member_is_found_and_states_are_told_apart(self, admin_client: Client) -> None:
        an_account(), an_account("MEMBER-2", is_open=False)

        def found(query: str) -> list[str]:
            return [str(row.member) for row in admin_client.get(f"{ACCOUNTS}?{query}").context["cl"].result_list]

        assert found("q=MEMBER-1") == ["MEMBER-1"]
        assert found("is_open__exact=0") == ["MEMBER-2"]
        assert found("kind__exact=prepaid") == []

    def test_it_takes_as_many_statements_for_forty_as_for_one(self, admin_client: Client) -> None:
        def statements() -> int:
            with CaptureQueriesContext(
                connection,
            ) as seen:
                admin_client.get(ACCOUNTS)
            return len(seen)

        an_account(holds="1.00")
        one = statements()
        for number in range(2, 40):
            an_account(f"MEMBER-{number}", holds="1.00")

        assert statements() == one

    def test_an_empty_list_says_what_will_stand_there(self, admin_client: Client) -> None:
        assert "No house account yet" in admin_client.get(ACCOUNTS).content.decode()


class TestThePage:
    def test_it_shows_balance_terms_and_lines(self, admin_client: Client) -> None:
        account = an_account(holds="30.00", most_owed=Decimal(20))
        trip = collected(app_trip())

        page = admin_client.get(url(account)).content.decode()

        for shown in ("$20.00", "-$30.00", f"{trip.amazon_trip_id}/1", "At the till.", "manager", str(trip.store)):
            assert shown in page, shown

    def test_a_closed_account_says_what_that_means(self, admin_client: Client) -> None:
        page = admin_client.get(url(an_account(is_open=False))).content.decode()

        assert "Closed: nothing is taken from this account" in page

    def test_who_may_only_look_sees_the_buttons_disabled_and_why(self, client: Client) -> None:
        account = an_account()
        client.force_login(staff_with(SEEN))

        page = client.get(url(account)).content.decode()

        assert len(re.findall(r"<button[^>]*disabled[^>]*payments\.(?:pay_in|change)_houseaccount", page)) == 2
        assert url(account, "pay_in") not in page

    def test_it_needs_a_right(self, client: Client) -> None:
        account = an_account()
        client.force_login(staff_with("orders.view_trip"))

        assert client.get(url(account)).status_code == 403


class TestAPayment:
    def test_it_is_shown_before_it_is_noted(self, admin_client: Client) -> None:
        account = prepaid("2.50")

        asked = admin_client.post(url(account, "pay_in"), paid("5.00", is_confirmed=""))

        shown = asked.content.decode()
        for amount in ("$2.50", "$5.00", "$7.50"):
            assert amount in shown
        assert held_by(account) == "2.50"

    def test_confirmed_it_stands_with_who_noted_it(self, admin_client: Client) -> None:
        account = prepaid("2.50")

        answer = admin_client.post(url(account, "pay_in"), paid("5.00"), follow=True)

        assert messages_of(answer) == "Payment of $5.00 noted; the balance is $7.50."
        entry = AccountEntry.objects.last()
        assert entry is not None
        assert (entry.actor, entry.note) == ("admin", "Cash, till 2")
        assert LogEntry.objects.get().change_message == "Payment of $5.00 noted; the balance is $7.50."

    def test_a_double_click_notes_it_once(self, admin_client: Client) -> None:
        account, said = an_account(), paid("5.00")

        for _ in range(2):
            admin_client.post(url(account, "pay_in"), said)

        assert entries() == ["-5.00"]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"amount": "0"}, "must not be 0"),
            ({"amount": "1.005"}, "USD has 2 decimals"),
            ({"amount": "much"}, "Enter a number"),
            ({"note": ""}, "This field is required"),
            ({"key": "x"}, "Enter a valid UUID"),
        ],
    )
    def test_what_cannot_be_is_said_at_the_field(self, fields: dict[str, str], said: str, admin_client: Client) -> None:
        account = an_account()

        answer = admin_client.post(url(account, "pay_in"), paid(is_confirmed="") | fields)

        assert answer.status_code == 200
        assert said in answer.content.decode()
        assert entries() == []

    def test_confirmed_past_the_form_it_is_refused_all_the_same(self, admin_client: Client) -> None:
        account = an_account()

        answer = admin_client.post(url(account, "pay_in"), paid("0"), follow=True)

        page = answer.content.decode()
        assert "The amount must not be 0." in page
        assert re.search(r'name="is_confirmed"[^>]*', page)[0].count("True") == 0  # type: ignore[index]
        assert 'value="0"' in page
        assert 'value="Cash, till 2"' in page
        assert entries() == []

    def test_it_needs_its_own_right(self, client: Client) -> None:
        account = an_account()
        client.force_login(staff_with(SEEN, "payments.change_houseaccount"))

        assert client.get(url(account, "pay_in")).status_code == 403
        assert client.post(url(account, "pay_in"), paid()).status_code == 403
        assert entries() == []


class TestTerms:
    def test_they_are_changed_and_logged(self, admin_client: Client) -> None:
        account = an_account()

        answer = admin_client.post(
            url(account, "change_terms"), {"kind": "invoice", "most_owed": "50", "is_open": ""}, follow=True
        )

        said = "Terms changed from “by invoice, open” to “by invoice, up to $50.00, closed”."
        assert messages_of(answer) == LogEntry.objects.get().change_message == said
        account.refresh_from_db()
        assert (account.most_owed, account.is_open) == (50, False)

    def test_the_form_shows_what_counts_now(self, admin_client: Client) -> None:
        account = an_account(most_owed=Decimal("12.50"))

        page = admin_client.get(url(account, "change_terms")).content.decode()

        assert 'value="12.5000"' in page
        assert re.search(r'<input[^>]*name="is_open"[^>]*checked', page)

    @pytest.mark.parametrize(
        ("kind", "limit", "said"),
        [
            ("prepaid", "5", "paid ahead owes nothing"),
            ("invoice", "-1", "negative"),
            ("invoice", "0.001", "2 decimals"),
        ],
    )
    def test_terms_without_sense_are_refused(self, kind: str, limit: str, said: str, admin_client: Client) -> None:
        account = an_account()

        page = admin_client.post(
            url(account, "change_terms"), {"kind": kind, "most_owed": limit, "is_open": "on"}
        ).content.decode()

        assert said in page
        assert f'value="{limit}"' in page
        account.refresh_from_db()
        assert (account.kind, account.most_owed) == ("invoice", None)

    def test_they_are_not_changed_over_what_a_colleague_made_of_them(self, admin_client: Client) -> None:
        account = an_account(most_owed=Decimal(100))
        address = url(account, "change_terms")
        typed = {"kind": "invoice", "most_owed": "200", "is_open": "on"} | shown_terms(admin_client.get(address))
        change_terms(account, kind="invoice", most_owed=Decimal(100), is_open=False)

        refusal = admin_client.post(address, typed)

        page = refusal.content.decode()
        assert "The terms were changed meanwhile: see “Now”." in page
        assert "by invoice, up to $100.00, closed" in page
        assert 'value="200"' in page
        account.refresh_from_db()
        assert (account.most_owed, account.is_open) == (100, False)
        assert not LogEntry.objects.exists()

        admin_client.post(address, typed | shown_terms(refusal))

        account.refresh_from_db()
        assert (account.most_owed, account.is_open) == (200, True)

    def test_a_third_one_is_told_of_too(self, admin_client: Client) -> None:
        account = an_account()
        address = url(account, "change_terms")
        typed = {"kind": "invoice", "most_owed": "200", "is_open": "on"} | shown_terms(admin_client.get(address))
        change_terms(account, kind="invoice", most_owed=None, is_open=False)
        refusal = admin_client.post(address, typed)
        change_terms(account, kind="prepaid", most_owed=None, is_open=False)

        admin_client.post(address, typed | shown_terms(refusal))

        account.refresh_from_db()
        assert (account.kind, account.is_open) == ("prepaid", False)

    def test_terms_without_sense_take_over_nothing_of_a_colleague(self, admin_client: Client) -> None:
        """What was wrong is corrected, and the colleague's change is still told."""
        account = an_account()
        address = url(account, "change_terms")
        typed = {"kind": "invoice", "most_owed": "-1", "is_open": "on"} | shown_terms(admin_client.get(address))
        change_terms(account, kind="invoice", most_owed=None, is_open=False)

        corrected = typed | shown_terms(admin_client.post(address, typed)) | {"most_owed": "1"}

        assert "The terms were changed meanwhile: see “Now”." in admin_client.post(address, corrected).content.decode()

    def test_whoever_does_not_say_what_they_saw_wins(self, admin_client: Client) -> None:
        """The negative control: so it was, and so it is for what did not open the form."""
        account = an_account()
        change_terms(account, kind="invoice", most_owed=None, is_open=False)

        admin_client.post(url(account, "change_terms"), {"kind": "invoice", "most_owed": "200", "is_open": "on"})

        account.refresh_from_db()
        assert account.is_open

    def test_they_need_a_right(self, client: Client) -> None:
        account = an_account()
        client.force_login(staff_with(SEEN, "payments.pay_in_houseaccount"))

        assert client.post(url(account, "change_terms"), {"kind": "prepaid"}).status_code == 403


class TestOpening:
    def test_with_terms_of_its_own(self, admin_client: Client) -> None:
        said = {"member": a_member().pk, "currency": "gbp", "kind": "invoice", "most_owed": "100"}

        admin_client.post(f"{ACCOUNTS}add/", said)

        account = HouseAccount.objects.get()
        assert (account.currency, account.most_owed) == ("GBP", 100)

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"currency": "XYZ"}, "is no ISO 4217 currency"),
            ({"kind": "prepaid", "most_owed": "1"}, "paid ahead owes nothing"),
            ({"most_owed": "-1"}, "negative"),
        ],
    )
    def test_what_cannot_be_is_said(self, fields: dict[str, str], said: str, admin_client: Client) -> None:
        form = {"member": a_member().pk, "currency": "USD", "kind": "invoice", "most_owed": ""}

        assert said in admin_client.post(f"{ACCOUNTS}add/", form | fields).content.decode()
        assert not HouseAccount.objects.exists()

    def test_a_member_has_one_in_each_currency(self, admin_client: Client) -> None:
        an_account()
        said = {"member": a_member().pk, "currency": "USD", "kind": "prepaid", "most_owed": ""}

        assert "already exists" in admin_client.post(f"{ACCOUNTS}add/", said).content.decode()

    def test_it_needs_a_right(self, client: Client) -> None:
        client.force_login(staff_with(SEEN))

        assert client.get(f"{ACCOUNTS}add/").status_code == 403

    def test_nobody_deletes_one(self, admin_client: Client) -> None:
        account = an_account()

        assert admin_client.post(f"{ACCOUNTS}{account.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_payment_stands_in_the_list_of_lines_too(admin_client: Client) -> None:
    an_account(holds="3.00")
    collected(app_trip())

    page = admin_client.get(ENTRIES).content.decode()

    assert "-$3.00" in page
    assert "$10.00" in page
    assert (
        "At the till."
        in admin_client.get(f"{ENTRIES}{AccountEntry.objects.earliest('id').pk}/change/").content.decode()
    )


class TestPaymentMethods:
    def test_one_is_entered(self, admin_client: Client) -> None:
        said = {"member": a_member().pk, "processor": "stripe", "customer": "cus_1", "method": "pm_1"}

        admin_client.post(f"{METHODS}add/", said)

        assert PaymentMethod.objects.get().customer == "cus_1"
        assert "cus_1" in admin_client.get(METHODS).content.decode()

    def test_a_house_account_is_no_method(self, admin_client: Client) -> None:
        said = {"member": a_member().pk, "processor": "house_account", "customer": "cus_1", "method": "pm_1"}

        admin_client.post(f"{METHODS}add/", said)

        assert not PaymentMethod.objects.exists()

    def test_the_card_changes_and_the_customer_stays(self, admin_client: Client) -> None:
        method = with_card()

        admin_client.post(f"{METHODS}{method.pk}/change/", {"customer": "cus_other", "method": "pm_other"})

        method.refresh_from_db()
        assert (method.customer, method.method) == ("cus_ada", "pm_other")

    def test_nobody_deletes_one(self, admin_client: Client) -> None:
        method = with_card()

        assert admin_client.post(f"{METHODS}{method.pk}/delete/", {"post": "yes"}).status_code == 403


class TestTheTripsPage:
    def test_it_says_who_collected_and_how_it_is_called_there(self, admin_client: Client) -> None:
        trip = collected(app_trip())

        page = admin_client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()

        assert f"Collected by house account, where it is called {trip.amazon_trip_id}/1" in page

    def test_it_says_why_the_account_declined(self, admin_client: Client) -> None:
        prepaid("1.00")

        page = admin_client.get(f"/admin/orders/trip/{collected(app_trip()).pk}/change/").content.decode()

        assert "$10.00 could not be collected" in page
        assert "The house account is paid ahead and holds $1.00, not $10.00." in page

    def test_it_says_that_nobody_is_known(self, admin_client: Client) -> None:
        trip = collected(app_trip(member=""))

        page = admin_client.get(f"/admin/orders/trip/{trip.pk}/change/").content.decode()

        assert "No member is known for this trip" in page
        assert "Try again" in page
