"""The pages of debts: the list, the page of one, and what staff may do there."""

import re
from decimal import Decimal
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orders.models import Trip
from payments.models import Charge, Debt, DebtSettlement, PaymentEvent
from payments.tests.admin_rows import a_charge, a_debt, a_store, a_trip, paid_trip, staff_with

DEBTS = "/admin/payments/debt/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client: Client) -> Client:
    rights = ("view_debt", "settle_debt", "waive_debt", "write_off_debt", "retry_charge")
    client.force_login(staff_with("orders.view_trip", *(f"payments.{right}" for right in rights)))
    return client


def owes(
    total: str = "10.00", captured: str = "0", *, shopper: str = "", charge: str = "declined", **fields: str
) -> Debt:
    trip = a_trip("partly_paid" if Decimal(captured) else "unpaid", total=total, **fields)
    taken = {"captured": Decimal(captured), "authorized": Decimal(captured)}
    debt = a_debt(a_charge(trip, charge, **taken))
    Debt.objects.filter(pk=debt.pk).update(shopper_id=shopper)
    return debt


def found(client: Client, query: str = "") -> set[int]:
    answer = client.get(DEBTS + query)
    assert answer.status_code == 200
    return {row.pk for row in answer.context["cl"].result_list}


def address(debt: Debt, act: str = "change") -> str:
    return f"{DEBTS}{debt.pk}/{act}/"


def shown(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def fill_in(client: Client, debt: Debt, act: str, **fields: str) -> HttpResponse:
    """The first page, filled in and sent."""
    defaults = {"settle": {"means": "cash", "note": ""}, "waive": {"note": "We closed early."}, "write-off": {}}[act]
    return client.post(address(debt, act), {"key": str(uuid4()), "amount": "10.00"} | defaults | fields)


def confirm(client: Client, answer: HttpResponse) -> HttpResponse:
    """The second page, sent as it stands."""
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', answer.content.decode())
    fields = {name: value for name, value in hidden if name != "csrfmiddlewaretoken"}
    assert fields["is_confirmed"] == "True"
    return client.post(answer.wsgi_request.path, fields, follow=True)


def owed(debt: Debt) -> tuple[str, str]:
    debt = Debt.objects.get(pk=debt.pk)
    return debt.state, f"{debt.owed:.2f}"


class TestTheList:
    def test_shows_the_open_ones_unless_others_are_asked_for(self, staff: Client) -> None:
        debts = {state: owes() for state in ("open", "written_off", "settled")}
        for state, debt in debts.items():
            Debt.objects.filter(pk=debt.pk).update(state=state, owed=0 if state == "settled" else 10)

        assert found(staff) == {debts["open"].pk}
        for state, debt in debts.items():
            assert found(staff, f"?state={state}") == {debt.pk}
        assert found(staff, "?state=all") == {debt.pk for debt in debts.values()}

    def test_a_search_finds_them_in_every_state(self, staff: Client) -> None:
        debt, _ = owes(shopper="card-1"), owes(shopper="card-2")
        Debt.objects.filter(pk=debt.pk).update(state="settled", owed=0)

        assert found(staff, f"?q={debt.charge.trip.amazon_trip_id}") == {debt.pk}
        assert found(staff, "?q=card-1") == {debt.pk}
        assert found(staff, "?q=card-1&state=open") == set()
        assert found(staff, "?q=nobody") == set()

    def test_is_filtered_by_store(self, staff: Client) -> None:
        elsewhere = a_store("Other shop")
        debt, _ = owes(store=elsewhere), owes()

        assert found(staff, f"?store__id__exact={elsewhere.pk}") == {debt.pk}

    def test_says_what_a_shopper_owes_in_all(self, staff: Client) -> None:
        for amount in ("10.00", "2.50"):
            owes(amount, shopper="card-1")

        page = shown(staff, DEBTS)

        assert page.count("$12.50") == 2

    def test_an_empty_one_says_what_will_stand_there(self, staff: Client) -> None:
        assert "leaves the rest here" in shown(staff, DEBTS)


class TestThePage:
    def test_shows_how_the_debt_came_to_be_what_it_is(self, staff: Client) -> None:
        debt = owes("10.00", shopper="card-1")
        owes("3.00", shopper="card-1")
        confirm(staff, fill_in(staff, debt, "settle", amount="4.00", means="terminal", note="Slip 12"))

        page = shown(staff, address(debt))

        for words in ("$10.00", "Card terminal", "$4.00", "Slip 12", "clerk", "$6.00", "Owes at your stores", "$9.00"):
            assert words in page

    def test_is_reached_from_the_trip_which_shows_the_same(self, staff: Client) -> None:
        debt = owes("10.00")

        page = shown(staff, f"/admin/orders/trip/{debt.charge.trip_id}/change/")

        for act in ("settle", "waive", "write-off"):
            assert f'href="{address(debt, act)}"' in page

    def test_says_what_the_card_paid_later(self, staff: Client) -> None:
        debt = owes("10.00")
        Debt.objects.filter(pk=debt.pk).update(state="settled", owed=0)

        assert "Taken from the card later" in shown(staff, address(debt))

    def test_a_button_without_its_right_is_disabled(self, client: Client) -> None:
        client.force_login(staff_with("payments.view_debt", "payments.settle_debt"))
        debt = owes()

        page = shown(client, address(debt))

        assert f'href="{address(debt, "settle")}"' in page
        for act in ("waive", "write-off"):
            assert f'href="{address(debt, act)}"' not in page
        assert "payments.waive_debt" in page

    def test_a_trip_page_without_the_right_to_see_debts_shows_none(self, client: Client) -> None:
        client.force_login(staff_with("orders.view_trip"))
        debt = owes()

        assert f'id="debt-{debt.pk}"' not in shown(client, f"/admin/orders/trip/{debt.charge.trip_id}/change/")

    def test_the_card_can_be_asked_again_only_where_it_declined(self, staff: Client) -> None:
        declined, partly = owes(), owes("10.00", "4.00", charge="partly_captured")

        assert f'href="/admin/orders/trip/{declined.charge.trip_id}/retry-charge/"' in shown(staff, address(declined))
        assert "Only a failed or declined charge" in shown(staff, address(partly))

    def test_no_such_debt(self, staff: Client) -> None:
        for path in ("999/change", "nonsense/change", "999/settle", "999/waive", "999/write-off"):
            assert staff.get(f"{DEBTS}{path}/").status_code == 404

    def test_costs_the_same_however_often_it_was_paid(self, staff: Client) -> None:
        debt = owes("10.00")

        def statements() -> int:
            with CaptureQueriesContext(connection) as captured:
                shown(staff, address(debt))
            return len(captured)

        confirm(staff, fill_in(staff, debt, "settle", amount="1.00"))
        with_one = statements()
        for _ in range(5):
            confirm(staff, fill_in(staff, debt, "settle", amount="1.00"))

        assert statements() == with_one


class TestNotingAPayment:
    def test_asking_proposes_all_of_it_and_changes_nothing(self, staff: Client) -> None:
        debt = owes("10.00", "4.00", charge="partly_captured")

        page = shown(staff, address(debt, "settle"))

        assert 'value="6.00"' in page
        assert "Owed now" in page
        assert owed(debt) == ("open", "6.00")

    def test_what_would_come_of_it_is_shown_before_it_is_done(self, staff: Client) -> None:
        debt = owes()

        page = fill_in(staff, debt, "settle", amount="4.00").content.decode()

        assert re.findall(r"<dt>([^<]+)</dt><dd>([^<]+)</dd>", page) == [
            ("Owed now", "$10.00"),
            ("Cash", "$4.00"),
            ("Owed afterwards", "$6.00"),
        ]
        assert "Note a payment of $4.00" in page
        assert owed(debt) == ("open", "10.00")

    def test_what_was_confirmed_is_done(self, staff: Client) -> None:
        debt = owes()

        answer = confirm(staff, fill_in(staff, debt, "settle", amount="4.00", means="terminal", note="Slip 12"))

        assert "Settled $4.00 (card terminal); $6.00 is still owed." in answer.content.decode()
        settlement = DebtSettlement.objects.get()
        assert (settlement.actor, settlement.means, settlement.note) == ("clerk", "terminal", "Slip 12")
        assert owed(debt) == ("open", "6.00")
        assert Trip.objects.get().state == "partly_paid"
        assert LogEntry.objects.count() == 1

    def test_a_double_click_settles_once(self, staff: Client) -> None:
        debt = owes()
        page = fill_in(staff, debt, "settle")

        for _ in range(2):
            assert "Settled $10.00 (cash); $0.00 is still owed." in confirm(staff, page).content.decode()

        assert owed(debt) == ("settled", "0.00")
        assert DebtSettlement.objects.count() == PaymentEvent.objects.filter(phase="paid").count() == 1

    def test_a_trip_that_had_failed_needs_nobody_any_more(self, staff: Client) -> None:
        debt = owes(charge="failed")
        Trip.objects.update(state="failed")
        page = f"/admin/orders/trip/{debt.charge.trip_id}/change/"
        assert "Try again" in shown(staff, page)

        confirm(staff, fill_in(staff, debt, "settle"))

        assert Trip.objects.get().state == "paid"
        assert "Try again" not in shown(staff, page)

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"amount": "10.01"}, "No more than $10.00 is owed."),
            ({"amount": "0"}, "The amount must be more than 0."),
            ({"amount": "1.005"}, "USD has 2 decimals."),
            ({"amount": "ten"}, "Enter a number."),
            ({"amount": "NaN"}, "Enter a number."),
            ({"amount": ""}, "This field is required."),
            ({"means": "waived"}, "Select a valid choice."),
            ({"key": "nonsense"}, "Enter a valid UUID."),
            ({"note": "x" * 1001}, "at most 1000 characters"),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field(self, staff: Client, fields: dict[str, str], words: str) -> None:
        debt = owes()

        answer = fill_in(staff, debt, "settle", **fields)

        assert words in answer.content.decode()
        assert "Owed afterwards" not in answer.content.decode()
        assert owed(debt) == ("open", "10.00")

    def test_what_somebody_else_settled_meanwhile_is_not_settled_twice(self, staff: Client) -> None:
        debt = owes()
        page = fill_in(staff, debt, "settle", amount="8.00")
        confirm(staff, fill_in(staff, debt, "settle", amount="4.00"))

        answer = confirm(staff, page)

        assert "No more than $6.00 is owed." in answer.content.decode()
        assert owed(debt) == ("open", "6.00")

    def test_while_the_card_is_asked_the_button_is_disabled(self, staff: Client) -> None:
        debt = owes()
        Charge.objects.update(state="capturing")

        for act in ("settle", "waive", "write-off"):
            page = shown(staff, address(debt, act))
            assert "The card is being asked for it right now." in page
            assert re.search(r'<button type="submit"[^>]* disabled', page)

    def test_what_is_settled_has_no_buttons(self, staff: Client) -> None:
        debt = owes()
        confirm(staff, fill_in(staff, debt, "settle"))

        assert "Note a payment" not in shown(staff, address(debt))
        assert "Nothing is owed any more." in shown(staff, address(debt, "settle"))


class TestWaiving:
    def test_a_part(self, staff: Client) -> None:
        debt = owes()

        answer = confirm(staff, fill_in(staff, debt, "waive", amount="4.00"))

        assert "Settled $4.00 (waived); $6.00 is still owed." in answer.content.decode()
        assert owed(debt) == ("open", "6.00")
        assert Trip.objects.get().state == "unpaid"

    def test_needs_a_reason(self, staff: Client) -> None:
        debt = owes()

        assert "This field is required." in fill_in(staff, debt, "waive", note=" ").content.decode()
        assert owed(debt) == ("open", "10.00")

    def test_never_passes_for_a_payment(self, client: Client) -> None:
        """Whoever may only waive does not say that money was paid, whatever their browser sends."""
        client.force_login(staff_with("payments.view_debt", "payments.waive_debt"))
        debt = owes()

        confirm(client, fill_in(client, debt, "waive", means="cash"))

        assert DebtSettlement.objects.get().means == "waived"


class TestWritingOff:
    def test_leaves_it_owed(self, staff: Client) -> None:
        debt = owes()
        assert "the gates go on refusing them" in shown(staff, address(debt, "write-off"))

        answer = staff.post(address(debt, "write-off"), {"note": "Not found."}, follow=True)

        assert "$10.00 is written off; the shopper still owes it." in answer.content.decode()
        assert owed(debt) == ("written_off", "10.00")

    def test_twice_is_refused_in_words(self, staff: Client) -> None:
        debt = owes()
        staff.post(address(debt, "write-off"), {"note": "Not found."})

        answer = staff.post(address(debt, "write-off"), {"note": "Not found."}, follow=True)

        assert "This debt is written off already." in answer.content.decode()
        assert LogEntry.objects.count() == 1


def test_the_pages_need_their_rights(client: Client) -> None:
    debt = owes()
    rights = {"settle": "payments.settle_debt", "waive": "payments.waive_debt", "write-off": "payments.write_off_debt"}
    for act in rights:
        assert client.post(address(debt, act)).url.startswith("/admin/login/")

    client.force_login(staff_with("payments.view_debt"))
    for act, right in rights.items():
        for answer in (client.get(address(debt, act)), client.post(address(debt, act), {"is_confirmed": "True"})):
            assert answer.status_code == 403
            assert right in answer.content.decode()
    assert owed(debt) == ("open", "10.00")


def test_a_right_to_act_is_none_to_look(client: Client) -> None:
    client.force_login(staff_with("payments.settle_debt", "orders.view_trip"))

    assert client.get(DEBTS).status_code == 403
    assert client.get(address(owes())).status_code == 403
    assert client.get(address(owes(), "settle")).status_code == 403


def test_a_trip_that_owes_nothing_shows_no_debt(admin_client: Client) -> None:
    assert 'id="debt-' not in shown(admin_client, f"/admin/orders/trip/{paid_trip().pk}/change/")
