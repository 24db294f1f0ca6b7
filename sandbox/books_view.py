"""The books as JSON: all amounts are text; nothing authorized yet is 0.00; no order and no report are null."""

from decimal import Decimal

from sandbox.money import amount_text
from sandbox.records import Account, Feedback, Order


def summary(account: Account) -> dict[str, object]:
    trip = account.trip
    return {
        "trip_id": trip.trip_id,
        "store_id": trip.store_id,
        "currency": trip.currency,
        "preauthorized": amount_text(trip.preauthorized),
        "authorized": amount_text(trip.authorized or Decimal()),
        "captured": amount_text(account.captured),
        "captures": len(account.captures),
        "refunded": amount_text(account.refunded),
        "refunds": len(account.refunds),
        "cancelled": trip.is_cancelled,
        "order_id": account.order.order_id if account.order else None,
        "last_feedback": _report(account.feedback[-1]) if account.feedback else None,
    }


def detail(account: Account) -> dict[str, object]:
    trip = account.trip
    return {
        **summary(account),
        "started_at": trip.started_at.isoformat(),
        "brand": trip.brand,
        "tail": trip.tail,
        "adopted": trip.is_adopted,
        "pending_answers_left": trip.pending_answers_left,
        "capture_rows": [
            {"amount": amount_text(row.amount), "captured_at": row.captured_at.isoformat()} for row in account.captures
        ],
        "refund_rows": [
            {
                "refund_request_id": row.refund_request_id,
                "amount": amount_text(row.amount),
                "reason": row.reason,
                "reconciliation_id": row.reconciliation_id,
                "refunded_at": row.refunded_at.isoformat(),
            }
            for row in account.refunds
        ],
        "order": _order(account.order) if account.order else None,
        "feedback": [_report(row) for row in account.feedback],
    }


def _order(order: Order) -> dict[str, object]:
    return {
        "order_id": order.order_id,
        "total": amount_text(order.total),
        "ordered_at": order.ordered_at.isoformat(),
    }


def _report(feedback: Feedback) -> dict[str, object]:
    return {
        "total": amount_text(feedback.total),
        "settled": amount_text(feedback.settled),
        "currency": feedback.currency,
        "payment_status_time": feedback.status_at.isoformat(),
        "received_at": feedback.received_at.isoformat(),
        "status": feedback.status,
    }
