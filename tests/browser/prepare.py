"""Fills the server's database: the demo's data, a row of each kind that those lack, and what the journeys are about.

Runs as a process of its own, with the server's settings, and says as JSON what it has made.
"""

import json
import os
import sys
from dataclasses import asdict
from decimal import Decimal
from io import StringIO
from typing import Any
from uuid import uuid4

import django
from django.core.management import call_command

SECRETS = {
    "admin": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
    "manager": "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU",
    "associate": "MZXW6YTBOI2DGNBVMZXW6YTBOI2DGNBV",
    "cashier": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
}
PASSWORD = "demo-password"
ROWS_IN_LISTS = 6  # axe looks at each, and they are alike


def main() -> None:
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("demo_data", stdout=StringIO())
    _tell_the_sandbox()
    _let_people_sign_in()
    _add_what_the_demo_lacks()
    from tests.browser.places import addresses  # models can be imported now

    json.dump({"places": addresses(), "scene": _scene()}, sys.stdout)


def _tell_the_sandbox() -> None:
    from demo.receipts import register_at_kiosk
    from demo.sandbox_books import stage_past

    stage_past(os.environ["AMAZON_PAYMENTS_URL"])
    register_at_kiosk(os.environ["AMAZON_PAYMENTS_URL"])


def _let_people_sign_in() -> None:
    """The demo's three, a cashier who signs in again and again, and two who move no money and have no factor: a
    newcomer, and a traveller who adds one."""
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import TOTP
    from django.contrib import admin
    from django.contrib.auth.models import Group, Permission

    from staff.models import ListSettings, User

    cashier = User.objects.create_user("cashier", password=PASSWORD, is_staff=True, sees_all_stores=True)
    cashier.groups.add(Group.objects.get(name="associate"))
    for name in ("newcomer", "traveller"):
        person = User.objects.create_user(name, password=PASSWORD, is_staff=True, sees_all_stores=True)
        person.user_permissions.add(Permission.objects.get(codename="view_trip"))
    few = {model._meta.label_lower: asdict(ListSettings([], ROWS_IN_LISTS)) for model in admin.site._registry}
    User.objects.filter(username__in=["admin", "associate"]).update(list_settings=few)
    for name, secret in SECRETS.items():
        person = User.objects.get(username=name)
        TOTP.activate(person, secret)
        RecoveryCodes.activate(person)


def _add_what_the_demo_lacks() -> None:
    from django.contrib.auth.models import Group

    from amazon.models import InboundCall
    from demo.assortment import CARD, COMBO
    from loyalty.models import Member
    from orders.models import Trip
    from payments.models import (
        BlockedShopper,
        BulkJob,
        BulkLimit,
        DashCartCharge,
        GateDecision,
        PaymentMethod,
    )
    from payments.services.bulk.jobs import plan_job
    from reports.models import ReportFile, SavedReport
    from staff.models import Notification, PersonalDataLook, SavedView, User
    from stores.models import Store

    admin, store = User.objects.get(username="admin"), Store.objects.get(external_id=CARD)
    member = Member.objects.order_by("pk")[0]
    trips = Trip.objects.filter(pk__in=Trip.objects.order_by("-received_at").values("pk")[:12])
    plan_job(BulkJob.Kind.REFUND, trips, admin)
    BulkLimit.objects.create(group=Group.objects.get(name="associate"), most_trips=50)
    SavedView.objects.create(
        user=admin, list_name="orders.trip", name="Unpaid in New York", query="state__exact=unpaid"
    )
    sales = SavedReport.objects.create(person=admin, name="Sales", page="overview", question="period=yesterday")
    sales.recipients.add(admin)
    days = {"first": trips[0].received_at.date(), "last": trips[0].received_at.date()}
    ReportFile.objects.create(
        person=admin, what="trips", extension="csv", stores=[store.pk], state="done", rows_done=3, size=700, **days
    )
    trip = trips[0]
    Notification.objects.create(
        user=admin, kind="refund", store=store, title="A refund failed", link=f"/admin/orders/trip/{trip.pk}/"
    )
    PersonalDataLook.objects.create(actor="manager", whose=member.external_id, page="/admin/loyalty/member/")
    PaymentMethod.objects.create(member=member, customer="cus_demo", method="pm_demo")
    BlockedShopper.objects.create(
        store=store, shopper_id="DEMO-BLOCKED", reason="Took a trolley.", blocked_by="manager"
    )
    GateDecision.objects.create(
        store=store, shopper_id="DEMO-DEBTOR-CARD", is_authorized=False, reasons=["They owe $4.20."], risks=["DEBT"]
    )
    DashCartCharge.objects.create(
        store=Store.objects.get(external_id=COMBO),
        amazon_trip_id="dash-1",
        member=member,
        amount=Decimal("12.40"),
        currency="GBP",
    )
    InboundCall.objects.create(
        at=trip.received_at,
        endpoint="/v1/order/purchases",
        caller="key 1",
        store_external_id=store.external_id,
        request_id=str(uuid4()),
        amazon_trip_id=trip.amazon_trip_id,
        body=json.dumps({"requestId": "1", "cartItems": []}),
        is_whole=True,
        status=503,
        answer='{"errorMsg": "The database is away."}',
        duration_ms=5001,
    )


def _scene() -> dict[str, Any]:
    """For each journey a trip of its own."""
    from core.money import text
    from payments.services.contests import Claims, open_contest
    from tests.browser.places import refundable_trips

    _, *trips = refundable_trips()
    about = dict(zip(("keyboard", "twice", "adjust", "contest", "receipt", "search", "picture"), trips, strict=False))
    scene: dict[str, Any] = {
        name: {
            "pk": trip.pk,
            "id": trip.amazon_trip_id,
            "total": text(trip.total, trip.currency),
            "last_four": trip.charge.card.last_four,
            "items": [line.name for line in trip.lines.order_by("position")],
        }
        for name, trip in about.items()
    }
    scene["bulk"] = [{"pk": trip.pk, "id": trip.amazon_trip_id} for trip in trips[len(about) : len(about) + 3]]
    contested = about["contest"]
    line = contested.lines.exclude(unit="kg").order_by("position")[0]
    claims = Claims({line.pk: line.quantity - 1})
    contest = open_contest(contested, claims, key=uuid4(), message="I put it back.", actor="associate")
    scene["contest"]["contest"] = contest.pk
    scene["contest"]["item"] = line.name
    return scene


if __name__ == "__main__":
    main()
