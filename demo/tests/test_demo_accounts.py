"""The demo's house accounts: what stands on them is what members' trips by app have cost."""

import pytest
from django.db.models import Sum

from orders.models import Trip
from orders.states import Entry, TripState
from payments.models import AccountEntry, Charge, HouseAccount
from payments.services.house_accounts import balance, obstacle
from payments.services.trips import balances_of, with_money
from stores.models import PaymentFlow, Processor, Store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("filled")]


def test_who_comes_in_by_app_pays_by_house_account() -> None:
    combo = Store.objects.get(external_id="DEMO-COMBO")
    assert (combo.card_flow, combo.app_flow) == (PaymentFlow.PAYMENT_SERVICE, PaymentFlow.OWN_PROCESSOR)
    assert combo.processor == Processor.HOUSE_ACCOUNT

    by_app = Trip.objects.filter(entry=Entry.APP)
    assert not by_app.exclude(state=TripState.RECEIVED).filter(member=None).exists()
    charges = Charge.objects.filter(trip__in=by_app)
    assert set(charges.values_list("flow", "processor")) == {("OWN_PROCESSOR", "house_account")}
    assert not Charge.objects.exclude(trip__in=by_app).exclude(processor="").exists()
    assert charges.count() > 250


def test_lines_agree_with_the_money_of_the_trips() -> None:
    trips = with_money(Trip.objects.filter(charge__processor=Processor.HOUSE_ACCOUNT, charge__captured__gt=0))
    refunds = 0
    for trip in trips:
        back = [f"refund/{refund.refund_request_id}" for refund in trip.charge.refunds.all()]
        lines = AccountEntry.objects.filter(reference__in=[trip.charge.remote_id, *back])
        assert lines.aggregate(sum=Sum("amount"))["sum"] == balances_of(trip).net.amount
        assert {line.member_id for line in lines} == {trip.member_id}
        refunds += len(back)
    assert refunds > 5


def test_one_member_pays_ahead_and_has_little_left_and_the_other_one_has_a_limit() -> None:
    ahead = HouseAccount.objects.get(member__external_id="DEMO-MEMBER-1")
    invoiced = HouseAccount.objects.get(member__external_id="DEMO-MEMBER-3")

    assert (ahead.kind, balance(ahead).plain) == (HouseAccount.Kind.PREPAID, "30.00")
    assert (invoiced.kind, invoiced.most_owed) == (HouseAccount.Kind.INVOICE, 5000)
    assert all(not obstacle(account, balance(account).zero("GBP")) for account in (ahead, invoiced))


def test_nobody_ever_overdrew_an_account_that_is_paid_ahead() -> None:
    left = 0
    for line in AccountEntry.objects.filter(member__external_id="DEMO-MEMBER-1").order_by("at"):
        left -= line.amount
        assert left >= 0
