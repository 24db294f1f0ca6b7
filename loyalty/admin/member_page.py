"""What the page of a member shows besides the form: state, points, codes to scan, last scans and trips."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from core.qr import qr_svg
from loyalty.admin.labels import MEMBER_TONES, SCAN_TONES, state_of
from loyalty.models import Member
from loyalty.services.points import balance

MOST_SHOWN = 10


def member_context(request: HttpRequest, member: Member) -> dict[str, Any]:
    """A fixed number of statements; what the user has no right to see is not read.

    A member belongs to no store. Where they were is shown of one's own stores.
    """
    person: Any = request.user
    may = person.has_perm
    state = state_of(member)
    shows = {name: may(right) for name, right in _PARTS.items()}
    return {
        "member": member,
        "state": state,
        "state_tone": MEMBER_TONES[state],
        "points": balance(member),
        "shows": shows,
        "may_block": may("loyalty.block_member"),
        "may_anonymize": may("loyalty.anonymize_member"),
        "may_correct_points": may("loyalty.correct_points"),
        "may_show_scan_key": may("loyalty.add_scankey"),
        "qr_codes": [(code, qr_svg(code.value)) for code in member.codes.all()] if shows["codes"] else [],
        "entries": member.points_entries.order_by("-at", "-id")[:MOST_SHOWN] if shows["entries"] else [],
        "scans": _scans(person, member) if shows["scans"] else [],
        "trips": _trips(person, member) if shows["trips"] else [],
    }


_PARTS = {
    "codes": "loyalty.view_code",
    "entries": "loyalty.view_pointsentry",
    "scans": "loyalty.view_scan",
    "trips": "orders.view_trip",
}


def _trips(person: Any, member: Any) -> QuerySet[Any]:
    trips: QuerySet[Any] = person.visible(member.trips.select_related("store"))
    return trips.order_by("-received_at")[:MOST_SHOWN]


def _scans(person: Any, member: Member) -> list[tuple[Any, str, str]]:
    scans = person.visible(member.scans.select_related("store")).order_by("-received_at", "-id")[:MOST_SHOWN]
    words = ["accepted" if scan.is_accepted else "refused" for scan in scans]
    return [(scan, word, SCAN_TONES[word]) for scan, word in zip(scans, words, strict=True)]
