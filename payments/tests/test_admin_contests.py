"""Contested carts on staff's pages: noted, listed, and decided by adjusting, refunding or rejecting, with an answer."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client

from loyalty.models import Member
from loyalty.services.erasure import anonymize_member
from orders.models import Adjustment, Trip, TripEvent
from payments.models import ContestAnswer, ContestedCart, Refund
from payments.services.attention import needs_a_look
from payments.services.contests import Claims, open_contest
from payments.states import ContestState
from payments.tasks import send_contest_answers_due
from payments.tests.admin_rows import staff_with
from payments.tests.mail_server import MailServer
from payments.tests.test_admin_adjust import hidden, words
from payments.tests.trips import TEN, a_store, captured_trip, fresh, make_due, priced_trip, received_trip
from sandbox.testing import SandboxProcess
from staff.models import PersonalDataLook
from stores.models import Product

pytestmark = pytest.mark.django_db

TWO_SANDWICHES = ("6.25", "2")
SEES = ["orders.view_trip", "payments.view_contestedcart"]
DECIDES = [*SEES, "payments.decide_contestedcart", "payments.adjust_trip", "payments.request_refund"]
READS = "loyalty.view_personal_data"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(staff_with(*DECIDES))
    return client


def contested(trip: Trip, *quantities: str, message: str = "I took one.", actor: str = "associate") -> ContestedCart:
    """The shopper says so much of each line, in order."""
    lines = {line.pk: Decimal(number) for line, number in zip(trip.lines.all(), quantities, strict=False)}
    return open_contest(trip, Claims(lines), key=uuid4(), message=message, actor=actor)


def page_of(contest: ContestedCart, what: str = "change") -> str:
    return f"/admin/payments/contestedcart/{contest.pk}/{what}/"


def adjust_url(contest: ContestedCart) -> str:
    return f"/admin/orders/trip/{contest.trip_id}/adjust/?contest={contest.pk}"


def listed(client: Client, query: str = "") -> list[int]:
    return [row.pk for row in client.get(f"/admin/payments/contestedcart/{query}").context["cl"].result_list]


class TestNoting:
    def url_of(self, trip: Trip) -> str:
        return f"/admin/orders/trip/{trip.pk}/contest/"

    @pytest.fixture
    def associate(self, client: Client) -> Client:
        client.force_login(staff_with(*SEES, "payments.open_contestedcart", username="associate"))
        return client

    def test_what_the_shopper_says_is_noted_and_nothing_is_changed(self, associate: Client) -> None:
        trip = priced_trip(TWO_SANDWICHES, ("1.50", "1"))
        Product.objects.create(store=trip.store, sku="WATER", name="Water", price=1)
        line = trip.lines.get(position=1)
        form = {"key": str(uuid4()), "message": "Only one.", f"quantity_{line.pk}": "1", "added_1": "WATER"}

        answers = [associate.post(self.url_of(trip), form, follow=True) for _ in range(2)]

        contest = ContestedCart.objects.get()
        assert all(answer.redirect_chain[0][0] == page_of(contest) for answer in answers)
        assert (contest.state, contest.message, contest.opened_by) == ("open", "Only one.", "associate")
        claims = [(claim.line_id, claim.product and claim.product.sku, claim.quantity) for claim in contest.lines.all()]
        assert claims == [(line.pk, None, 1), (None, "WATER", 1)]
        assert fresh(trip).total == 14
        event = TripEvent.objects.get(kind="contested")
        assert event.detail == "Thing at 6.25: 2 in the cart, 1 claimed; Water: not in the cart, 1 claimed"

    @pytest.mark.parametrize(
        ("fields", "error"),
        [
            ({"message": ""}, "Say what the shopper contests"),
            ({"added_1": "NOTHING"}, "sells nothing with the SKU"),
            ({"key": "nonsense"}, "Nothing was noted."),
        ],
    )
    def test_a_bad_form_notes_nothing(self, associate: Client, fields: dict[str, str], error: str) -> None:
        trip = priced_trip(TWO_SANDWICHES)

        answer = associate.post(self.url_of(trip), {"key": str(uuid4()), "message": "Kept"} | fields)

        assert error in words(answer)
        assert not ContestedCart.objects.exists()

    def test_a_used_form_with_another_content_gets_a_new_key(self, associate: Client) -> None:
        trip, key = priced_trip(TWO_SANDWICHES), str(uuid4())
        associate.post(self.url_of(trip), {"key": key, "message": "One."})

        answer = associate.post(self.url_of(trip), {"key": key, "message": "Two."})

        assert "stands for another contest" in words(answer)
        assert key not in answer.content.decode()
        assert ContestedCart.objects.count() == 1

    def test_a_cart_that_is_not_priced_yet(self, associate: Client) -> None:
        trip = received_trip(TEN)

        assert "is being priced" in words(associate.get(self.url_of(trip)))
        assert "is being priced" in words(associate.post(self.url_of(trip), {"key": str(uuid4()), "message": "No."}))

    def test_who_lacks_the_right_is_told_which(self, staff: Client) -> None:
        trip = priced_trip(TWO_SANDWICHES)

        for answer in (staff.get(self.url_of(trip)), staff.post(self.url_of(trip), {"message": "No."})):
            assert answer.status_code == 403
            assert "payments.open_contestedcart" in words(answer)


class TestTheList:
    def test_the_open_ones_and_the_decided_ones(self, staff: Client) -> None:
        trips = [priced_trip(TWO_SANDWICHES) for _ in range(2)]
        first, second = (contested(trip) for trip in trips)
        staff.post(page_of(first, "reject"), {"note": "On video.", "answer": ""})

        assert listed(staff, "?state=open") == [second.pk]
        assert listed(staff, "?state=decided") == listed(staff, "?state=rejected") == [first.pk]
        assert listed(staff) == [second.pk, first.pk]
        assert listed(staff, f"?q={trips[0].amazon_trip_id}") == [first.pk]

    def test_by_store_and_age(self, staff: Client) -> None:
        other = contested(priced_trip(TWO_SANDWICHES, store=a_store("TEST-OTHER")))
        old = contested(priced_trip(TWO_SANDWICHES))
        ContestedCart.objects.filter(pk=old.pk).update(opened_at=Now() - timedelta(days=4))

        assert listed(staff, "?older=3") == [old.pk]
        assert listed(staff, f"?store__id__exact={other.store_id}") == [other.pk]

    def test_a_trip_needs_a_look_as_long_as_it_is_open(self, staff: Client) -> None:
        trip = priced_trip(TWO_SANDWICHES)
        contest = contested(trip)
        assert needs_a_look(key="contest").get() == trip

        staff.post(page_of(contest, "reject"), {"note": "On video.", "answer": ""})

        assert not needs_a_look(key="contest").exists()

    def test_those_of_other_stores_are_not_there(self, client: Client) -> None:
        person = staff_with(*DECIDES, sees_all_stores=False)
        person.stores.add(a_store("TEST-OTHER"))
        client.force_login(person)
        contest = contested(priced_trip(TWO_SANDWICHES))

        assert listed(client) == []
        for what in ("change", "refund", "reject"):
            assert client.get(page_of(contest, what)).status_code == 404
        assert client.post(page_of(contest, "reject"), {"note": "No."}).status_code == 404
        assert client.get(adjust_url(contest)).status_code == 404

    def test_its_statements_do_not_grow_with_its_rows(self, staff: Client, django_assert_max_num_queries: Any) -> None:
        for _ in range(6):
            contested(priced_trip(TWO_SANDWICHES))

        with django_assert_max_num_queries(15):
            assert len(listed(staff)) == 6


class TestThePage:
    def test_what_is_claimed_stands_beside_what_the_cart_says(self, staff: Client) -> None:
        staff.force_login(staff_with(*DECIDES, READS, username="reader"))
        trip = priced_trip(TWO_SANDWICHES, ("1.50", "1"))
        contest = contested(trip, "1", message="I put one back.")

        shown = words(staff.get(page_of(contest)))

        assert "I put one back." in shown
        assert "Thing at 6.25 2 units $12.50 1" in shown
        assert "Thing at 1.50 1 unit $1.50 not contested" in shown
        assert trip.amazon_trip_id in shown

    def test_it_says_what_is_in_the_way_of_each_decision(self, client: Client) -> None:
        client.force_login(staff_with(*SEES))
        contest = contested(priced_trip(TWO_SANDWICHES), "1")

        page = client.get(page_of(contest))

        assert "payments.decide_contestedcart" in words(page)
        assert adjust_url(contest) not in page.content.decode()

    def test_the_trips_page_leads_to_it(self, staff: Client) -> None:
        contest = contested(priced_trip(TWO_SANDWICHES), "1")

        assert page_of(contest) in staff.get(f"/admin/orders/trip/{contest.trip_id}/change/").content.decode()


class TestAdjusting:
    def confirmed(self, staff: Client, contest: ContestedCart, **fields: str) -> HttpResponse:
        form = {"key": str(uuid4()), "reason": "not_taken", "note": "", "answer": ""} | fields
        for line in contest.trip.lines.all():
            form.setdefault(f"quantity_{line.pk}", "1")
        return staff.post(adjust_url(contest), hidden(staff.post(adjust_url(contest), form)), follow=True)

    def test_the_dialog_proposes_what_the_shopper_claims(self, staff: Client) -> None:
        staff.force_login(staff_with(*DECIDES, READS, username="reader"))
        trip = priced_trip(TWO_SANDWICHES)
        contest = contested(trip, "1", message="I put one back.")

        page = staff.get(adjust_url(contest)).content.decode()

        assert "I put one back." in page
        assert re.search(rf'name="quantity_{trip.lines.get().pk}" value="1"', page)

    def test_it_is_decided_by_the_adjustment_in_one_go(self, staff: Client, sandbox: SandboxProcess) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES)
        contest = contested(trip, "1")

        answer = self.confirmed(staff, contest, note="On video.", answer="You are right.")

        contest = ContestedCart.objects.get()
        assert "Adjusted to $6.25." in words(answer)
        assert (contest.state, contest.decided_by, contest.note) == ("adjusted", "clerk", "On video.")
        assert contest.adjustment == Adjustment.objects.get()
        assert contest.answer.text == "You are right."
        assert Refund.objects.get().amount == Decimal("6.25")
        assert TripEvent.objects.get(kind="contest_decided").amount == Decimal("6.25")
        assert "Adjusted to $6.25" in words(staff.get(page_of(contest)))

    def test_the_confirmation_twice_decides_once(self, staff: Client, sandbox: SandboxProcess) -> None:
        contest = contested(captured_trip(sandbox, TWO_SANDWICHES), "1")
        line = contest.trip.lines.get()
        form = {"key": str(uuid4()), "reason": "other", "answer": "Sorry.", f"quantity_{line.pk}": "1"}
        confirmed = hidden(staff.post(adjust_url(contest), form))

        answers = [staff.post(adjust_url(contest), confirmed, follow=True) for _ in range(2)]

        assert all("Adjusted to $6.25." in words(answer) for answer in answers)
        assert ContestAnswer.objects.count() == Adjustment.objects.count() == 1

    def test_one_that_is_decided_already_adjusts_nothing(self, staff: Client) -> None:
        contest = contested(priced_trip(TWO_SANDWICHES), "1")
        staff.post(page_of(contest, "reject"), {"note": "On video.", "answer": ""})

        assert "clerk has decided about it: rejected." in words(staff.get(adjust_url(contest)))
        assert "clerk has decided about it: rejected." in words(self.confirmed(staff, contest))
        assert not Adjustment.objects.exists()

    def test_whoever_noted_it_may_decide_up_to_the_stores_limit(self, staff: Client, sandbox: SandboxProcess) -> None:
        careful = a_store("TEST-CAREFUL", refund_approval_above=Decimal("5.00"))
        large = contested(captured_trip(sandbox, TWO_SANDWICHES, store=careful), "1", actor="clerk")
        small = contested(captured_trip(sandbox, ("4.00", "2"), store=careful), "1", actor="clerk")

        assert "You noted this contest, and it is about more than $5.00" in words(self.confirmed(staff, large))
        self.confirmed(staff, small)

        assert Adjustment.objects.get().trip == small.trip
        assert ContestedCart.objects.get(pk=large.pk).state == ContestState.OPEN

    def test_the_right_to_adjust_does_not_decide(self, client: Client) -> None:
        client.force_login(staff_with("orders.view_trip", "payments.adjust_trip"))
        contest = contested(priced_trip(TWO_SANDWICHES), "1")

        assert client.get(adjust_url(contest)).status_code == 403

    def test_a_contest_of_another_trip(self, staff: Client) -> None:
        contest, other = contested(priced_trip(TWO_SANDWICHES)), priced_trip(TEN)

        for number in (str(contest.pk), "x", "-1"):
            assert staff.get(f"/admin/orders/trip/{other.pk}/adjust/?contest={number}").status_code == 404


class TestRefunding:
    def test_what_they_did_not_take_is_proposed_and_shown_before_it_is_given_back(
        self, staff: Client, sandbox: SandboxProcess
    ) -> None:
        trip = captured_trip(sandbox, TWO_SANDWICHES, ("1.50", "1"))
        contest = contested(trip, "1")
        line = trip.lines.get(position=1)
        page = staff.get(page_of(contest, "refund")).content.decode()
        assert re.search(rf'name="quantity_{line.pk}" value="1"', page)
        key = re.search(r'name="key" value="([^"]+)"', page)[1]  # type: ignore[index]

        form = {"key": key, f"quantity_{line.pk}": "1", "reason": "JWO_TECH_ERROR", "answer": "Sorry."}
        shown = staff.post(page_of(contest, "refund"), form)
        assert "Give $6.25 back?" in words(shown)
        assert not Refund.objects.exists()
        hidden = dict(re.findall(r'type="hidden" name="([a-z_0-9]+)" value="([^"]*)"', shown.content.decode()))
        assert form.items() <= hidden.items()
        again = {name: hidden[name] for name in (*form, "is_confirmed")}
        answers = [staff.post(page_of(contest, "refund"), again, follow=True) for _ in "12"]

        contest, refund = ContestedCart.objects.get(), Refund.objects.get()
        assert (contest.state, contest.refund, contest.answer.text) == ("refunded", refund, "Sorry.")
        assert (refund.amount, refund.lines.get().quantity) == (Decimal("6.25"), 1)
        assert all("Refund of $6.25 asked for: it is queued." in words(answer) for answer in answers)
        assert fresh(trip).total == 14

    @pytest.mark.parametrize(
        ("quantity", "error"), [("", "Say how much"), ("3", "can still be refunded"), ("x", "number")]
    )
    def test_a_bad_form_gives_nothing_back(
        self, staff: Client, sandbox: SandboxProcess, quantity: str, error: str
    ) -> None:
        contest = contested(captured_trip(sandbox, TWO_SANDWICHES))
        form = {"key": str(uuid4()), f"quantity_{contest.trip.lines.get().pk}": quantity, "reason": "OTHER"}

        for confirmed in ({}, {"is_confirmed": "True"}):
            answer = staff.post(page_of(contest, "refund"), form | confirmed)
            assert answer.status_code == 200
        assert error in words(staff.post(page_of(contest, "refund"), form))
        assert not Refund.objects.exists()
        assert ContestedCart.objects.get().state == ContestState.OPEN

    def test_nothing_is_captured_yet(self, staff: Client) -> None:
        contest = contested(priced_trip(TWO_SANDWICHES), "1")

        assert "Nothing is captured yet" in words(staff.get(page_of(contest, "refund")))


class TestRejecting:
    def test_with_a_reason_for_colleagues_and_an_answer(self, staff: Client) -> None:
        contest = contested(priced_trip(TWO_SANDWICHES))

        staff.post(page_of(contest, "reject"), {"note": "On video.", "answer": "We have looked."})

        contest = ContestedCart.objects.get()
        assert (contest.state, contest.note, contest.answer.text) == ("rejected", "On video.", "We have looked.")
        assert contest.decided_at is not None

    def test_without_a_reason_it_stays_open(self, staff: Client) -> None:
        contest = contested(priced_trip(TWO_SANDWICHES))

        answer = staff.post(page_of(contest, "reject"), {"note": " ", "answer": ""})

        assert "This field is required." in words(answer)
        assert ContestedCart.objects.get().state == ContestState.OPEN

    def test_a_second_decision_is_refused_in_words(self, staff: Client) -> None:
        contest = contested(priced_trip(TWO_SANDWICHES))
        staff.post(page_of(contest, "reject"), {"note": "On video.", "answer": ""})

        answer = staff.post(page_of(contest, "reject"), {"note": "Again.", "answer": "No."}, follow=True)

        assert "clerk has decided about it: rejected." in words(answer)
        assert not ContestAnswer.objects.exists()

    def test_who_lacks_the_right_is_told_which(self, client: Client) -> None:
        client.force_login(staff_with(*SEES))
        contest = contested(priced_trip(TWO_SANDWICHES))

        for what in ("reject", "refund"):
            for answer in (client.get(page_of(contest, what)), client.post(page_of(contest, what), {"note": "No."})):
                assert answer.status_code == 403
                assert "payments.decide_contestedcart" in words(answer)


class TestTheAnswer:
    def answered(self, staff: Client, **options: Any) -> ContestedCart:
        contest = contested(priced_trip(TWO_SANDWICHES, **options))
        staff.post(page_of(contest, "reject"), {"note": "On video.", "answer": "We have looked."})
        make_due(ContestAnswer, ContestAnswer.objects.get().pk)
        send_contest_answers_due()
        return ContestedCart.objects.get()

    def test_a_known_shopper_gets_it_by_e_mail_once(self, staff: Client, mail_server: MailServer) -> None:
        Member.objects.create(external_id="ann", name="Ann", email="ann@example.com")

        contest = self.answered(staff, shopper="ann")
        send_contest_answers_due()

        (mail,) = mail_server.mails
        assert (mail["To"], mail["Subject"]) == ("ann@example.com", "Your visit to TEST-CARD")
        assert "We have looked." in mail.get_content()
        assert contest.answer.state == "sent"
        assert "Sent by e-mail" in words(staff.get(page_of(contest)))
        assert "ann@example.com" not in words(staff.get(page_of(contest)))

    def test_whoever_may_sees_where_it_went_and_that_they_looked_is_written_down(
        self, staff: Client, mail_server: MailServer
    ) -> None:
        Member.objects.create(external_id="ann", name="Ann", email="ann@example.com")
        contest = self.answered(staff, shopper="ann")
        assert not PersonalDataLook.objects.exists()
        staff.force_login(staff_with(*SEES, READS, username="boss"))

        assert "ann@example.com" in words(staff.get(page_of(contest)))

        assert PersonalDataLook.objects.get().actor == "boss"

    def test_of_an_unknown_shopper_staff_copy_it(self, staff: Client, mail_server: MailServer) -> None:
        contest = self.answered(staff)

        assert contest.answer.state == "no_address"
        assert "copy the answer" in words(staff.get(page_of(contest)))
        assert not mail_server.mails

    def test_without_a_mail_server_staff_copy_it(self, staff: Client) -> None:
        contest = self.answered(staff)

        assert contest.answer.state == "failed"
        assert "No mail server is set" in words(staff.get(page_of(contest)))

    def test_erasing_a_member_forgets_what_they_wrote_and_were_told(
        self, staff: Client, mail_server: MailServer
    ) -> None:
        member = Member.objects.create(external_id="ann", name="Ann", email="ann@example.com")
        self.answered(staff, shopper="ann")

        anonymize_member(member)

        contest = ContestedCart.objects.get()
        assert contest.message == ""
        assert contest.answer.text == "The personal data of this member were erased."
        assert contest.answer.email == ""
