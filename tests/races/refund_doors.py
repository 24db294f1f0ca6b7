"""The ways to ask for a refund: each gives a click, ready to be made, that says whether the refund was granted."""

import json
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID

from django.test import Client
from django.urls import reverse

from core.errors import Conflict
from orders.models import Trip
from payments.models import Refund
from payments.services.refund_approval import approve_refund, reject_refund
from payments.services.refunds import request_refund, retry_refund
from payments.tests.admin_rows import reason_of
from staff.models import User

Click = Callable[[], bool]
Door = Callable[[Trip, UUID, str], Click]


def the_admin(trip: Trip, key: UUID, amount: str) -> Click:
    """The refund form, filled in and sent by a member of staff in a browser of their own."""
    client = _signed_in()
    form = {"refund_request_id": str(key), "mode": "amount", "amount": amount, "reason": reason_of("OTHER")}

    def send() -> bool:
        answer = client.post(reverse("admin:orders_trip_refund", args=[trip.pk]), form)
        assert answer.status_code in {200, 302}, answer.content
        return answer.status_code == 302

    return send


def the_api(trip: Trip, key: UUID, amount: str) -> Click:
    client = Client(headers={"Authorization": "Bearer test-write-key"})
    body = json.dumps({"refund_request_id": str(key), "amount": amount, "reason": "OTHER"})

    def send() -> bool:
        path = f"/api/v1/trips/{trip.amazon_trip_id}/refunds/"
        answer = client.post(path, body, content_type="application/json")
        assert answer.status_code in {200, 201, 409}, answer.content
        return answer.status_code != 409

    return send


def the_service(trip: Trip, key: UUID, amount: str) -> Click:
    def call() -> bool:
        try:
            request_refund(trip, refund_request_id=key, amount=Decimal(amount), actor="program", reason="OTHER")
        except Conflict:
            return False
        return True

    return call


DOORS: list[Door] = [the_admin, the_api, the_service]


def send_again_in_the_admin(refund: Refund) -> Click:
    """The button “Send again” of a failed refund; its answer is the trip page whatever comes of it."""
    client = _signed_in()
    address = reverse("admin:orders_trip_retry_refund", args=[refund.charge.trip_id, refund.pk])

    def click() -> bool:
        assert client.post(address).status_code == 302
        return True

    return click


def send_again(refund: Refund) -> Click:
    def call() -> bool:
        try:
            retry_refund(refund, actor="manager")
        except Conflict:
            return False
        return True

    return call


def approve(refund: Refund) -> Click:
    def call() -> bool:
        try:
            approve_refund(refund, actor="manager")
        except Conflict:
            return False
        return True

    return call


def reject(refund: Refund) -> Click:
    def call() -> bool:
        try:
            reject_refund(refund, actor="admin", note="Not ours.")
        except Conflict:
            return False
        return True

    return call


def _signed_in() -> Client:
    clerk, _ = User.objects.get_or_create(username="clerk", defaults={"is_staff": True, "is_superuser": True})
    client = Client()
    client.force_login(clerk)
    return client
