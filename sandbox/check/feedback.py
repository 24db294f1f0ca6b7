"""ReportPaymentStatus. Amazon: fraud_abuse_feedback_test_cases, fraud_abuse_feedback_api."""

from collections.abc import Mapping
from datetime import timedelta
from time import time
from typing import Any

from sandbox.check.cases import (
    UNKNOWN_TRIP,
    Case,
    Make,
    Section,
    Start,
    Step,
    Trip,
    begins,
    each,
    holds,
    left_out,
    refused,
    set_to,
    shown,
)
from sandbox.check.everywhere import UNKNOWN, door_cases, magic_trouble, trip_cases, trouble_cases
from sandbox.check.payments import BAD_CODES, IDS, money, of_trip
from sandbox.connectivity.cases import TOO_LONG, Body, edited, one

ROUTE = "/v1/feedback/payment-status"
AMOUNTS = ("totalAmount", "settledAmount")
PARTS = tuple(f"{amount}.{part}" for amount in AMOUNTS for part in ("amount", "code"))


def report(total: float, settled: float, code: str = "USD") -> Make:
    def make(trip: Trip) -> Body:
        amounts = {"totalAmount": money(total, code), "settledAmount": money(settled, code)}
        return of_trip(trip) | amounts | {"paymentStatusTime": round(time() * 1000)}

    return make


def answered(number: str, title: str, make: Make, status: str = "Accepted", **others: Any) -> Case:
    return Case(number, title, one(make), (200,), holds(status=status), **others)


def kept(total: str, settled: str, status: str = "Accepted") -> Mapping[str, str]:
    """An entry of the books."""
    return {"total": total, "settled": settled, "status": status}


def in_currency(number: str, code: str, amount: float) -> Case:
    return answered(number, f"in {code}", report(amount, amount, code), start=Start(currency=code))


def of_store(number: str, store: str) -> Case:
    return answered(number, f"storeId {store}", PAID, start=Start(store=store))


PAID = report(14.75, 14.75)
PARTLY_PAID = report(14.75, 10.0)
REPORTED = shown(feedback=[kept("14.75", "10.00"), kept("14.75", "14.75")])
LATE = timedelta(days=30)

ACCEPTED = (
    answered("TC001", "all is settled", PAID, books=shown(feedback=[kept("14.75", "14.75")])),
    answered(
        "TC002",
        "a valid report that is rejected",
        PAID,
        "Rejected",
        start=Start("rejected-feedback-trip-uuid"),
        books=shown(last_feedback=kept("14.75", "14.75", "Rejected")),
    ),
    answered("TC002-a", "more settled than owed (our reading)", report(10, 14.75), "Rejected"),
    answered("TC003", "a part is settled", PARTLY_PAID, books=shown(feedback=[kept("14.75", "10.00")])),
    answered("TC003-a", "nothing is settled", report(14.75, 0)),
    answered("TC003-b", "the debt is paid later", PAID, before=(Step(ROUTE, PARTLY_PAID),), books=REPORTED),
    answered("TC003-c", "a month later", PAID, later=LATE),
    answered("TC004", "a total of 0", report(0, 0)),
    in_currency("TC005-a", "EUR", 12.5),
    in_currency("TC005-b", "GBP", 14.75),
    in_currency("TC005-c", "CAD", 20),
    in_currency("TC005-d", "JPY", 1500),
    of_store("TC006-a", "store123"),
    of_store("TC006-b", "STORE_456"),
    of_store("TC006-c", "store-789"),
    answered("TC007", "the trip is a UUID", PAID),
    in_currency("TC008", "USD", 14.75),
    answered("TC009", "decimals", report(0.1, 0.01)),
    answered("TC010-a", "a storeId of 255 characters", PAID, start=Start(store="s" * 255)),
    answered("TC010-b", "a shoppingTripId of 255 characters", PAID, start=Start(is_long=True)),
)
REFUSALS = (
    refused("TC011", "storeId missing", edited(PAID, "storeId")),
    refused("TC012", "shoppingTripId missing", edited(PAID, "shoppingTripId")),
    refused("TC013", "totalAmount missing", edited(PAID, "totalAmount")),
    refused("TC014", "settledAmount missing", edited(PAID, "settledAmount")),
    refused("TC014-a", "paymentStatusTime missing", edited(PAID, "paymentStatusTime")),
    refused("TC014-b", "a part of an amount missing", left_out(PAID, *PARTS)),
    refused(
        "a",
        "wrong types",
        each(
            set_to(PAID, "storeId", 12345, None),
            set_to(PAID, "shoppingTripId", True, None),
            set_to(PAID, "totalAmount", 14.75, "14.75", None),
            set_to(PAID, "settledAmount.amount", "14.75", True, None),
            set_to(PAID, "paymentStatusTime", "1770342660000", "2026-02-06T01:51:00Z", True, None),
        ),
    ),
    refused("b", "a bad currency code", each(*(one(report(14.75, 14.75, code)) for code in BAD_CODES))),
    refused("c", "the ids' format", each(*(set_to(PAID, name, "a b", "a.b", "", " ") for name in IDS))),
    refused("d", "over 255 characters", each(*(set_to(PAID, name, TOO_LONG) for name in IDS))),
    Case("7b.5", "trip unknown", one(PAID), (400,), begins(UNKNOWN_TRIP), start=UNKNOWN),
)
REPORTING = Section(
    "feedback",
    "ReportPaymentStatus",
    ROUTE,
    "feedback",
    (
        *ACCEPTED,
        *REFUSALS,
        *trouble_cases(PAID, ("429", "7b.6", "503"), untouched=shown(feedback=[])),
        *door_cases(PAID, untouched=shown(feedback=[])),
        *trip_cases(PAID, expires=False),
        *magic_trouble(PAID),
    ),
)
