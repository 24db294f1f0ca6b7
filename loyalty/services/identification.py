"""Who is at the gate, or at a scanner inside: the answers to Amazon's questions about codes."""

import re
from dataclasses import dataclass

from django.utils import timezone

from amazon.wire import UUID, Malformed
from loyalty.encoding import decoded, readings
from loyalty.models import Member, Promotion, Scan
from loyalty.phones import as_phone_number
from loyalty.services.codes import find_holder
from loyalty.services.members import members_by_id
from loyalty.services.scan_keys import issued_at
from loyalty.services.scans import Outcome, Presented, record
from loyalty.wire import (
    GetScanDetailsRequest,
    GetShopperRequest,
    ResolveScanRequest,
    ScanType,
    VerifyIdentityKeysRequest,
    moment,
)
from stores.connector import store_named

NOBODY = "Nobody has this code."
LOYALTY_CARD = "A loyalty card opens no gate."
UNKNOWN_ID = "unknown"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member as Amazon is told of them."""

    id: str
    kind: str


@dataclass(frozen=True, slots=True)
class ScanDetails:
    provider: str
    promotion_ids: list[str]


def verify_identity_key(request: VerifyIdentityKeysRequest) -> Outcome:
    """Whether the gate opens for this code. Records the scan. Raises Malformed."""
    event = request.auth_event
    at, place = event.at("authEvent"), event.place
    text = decoded(request.identity_key)
    if text is None:
        raise Malformed("identityKey: must be text in Base64")
    presented = Presented(Scan.Kind.IDENTITY, request.request_id, event.id, request.store_id, place, at, text)
    holder = find_holder([text])
    if holder is None:
        return record(presented, Outcome(is_accepted=False, reason=NOBODY))
    reason = holder.refusal(scanned=at) or (LOYALTY_CARD if holder.is_loyalty_only else "")
    if reason:
        return record(presented, Outcome(is_accepted=False, member_id=holder.member_id, reason=reason))
    return record(presented, Outcome(True, holder.external_id, holder.kind, holder.member_id))


def resolve_scan(request: ResolveScanRequest) -> Outcome:
    """Whom a scanned code stands for; a refusal is an outcome like any other. Records the scan. Raises Malformed."""
    event = request.scan_event
    at = event.at("scanEvent")
    keys = [event.value or "", event.id]
    texts = list(dict.fromkeys(text for key in keys for text in readings(key)))
    holder = find_holder(texts, or_external_id=True)
    # Amazon's FAQ has the code itself where its page has the event's id, and a word where it has the request's.
    event_id, request_id = (name if re.fullmatch(UUID, name) else "" for name in (event.id, request.request_id))
    shown = holder.text if holder else _plain(keys)
    presented = Presented(Scan.Kind.LOYALTY, request_id, event_id, request.store_id, event.place, at, shown)
    reason = holder.refusal(scanned=at) if holder else NOBODY
    if holder is None or reason:
        member_id = holder.member_id if holder else None
        return record(presented, Outcome(False, _echo(shown), ScanType.SHOPPER, member_id, reason))
    # A scan key is no id: it is gone in a minute, and the cart that names the id comes later.
    resolved = holder.external_id if holder.issued_at else holder.text
    kind = ScanType.LOYALTY if holder.is_loyalty_only else holder.kind
    return record(presented, Outcome(True, resolved, kind, holder.member_id))


def scan_details(request: GetScanDetailsRequest) -> ScanDetails | None:
    """The loyalty programme behind a resolved id, and what it promotes to this member. Raises Malformed."""
    store = store_named(request.store_id)
    member = members_by_id([request.scan_result.id]).get(request.scan_result.id)
    if not store.loyalty_provider or member is None or member.is_blocked:
        return None
    promotions = Promotion.objects.filter(store=store, is_active=True, tier__in={"", member.tier})
    ids = promotions.order_by("promotion_id").values_list("promotion_id", flat=True).distinct()
    return ScanDetails(store.loyalty_provider, list(ids))


def get_shopper(request: GetShopperRequest) -> Visitor | None:
    """The shopper whom an associate or a Dash Cart asks for, by code or phone number. Raises Malformed."""
    at = timezone.now() if request.timestamp is None else moment(request.timestamp, field="timestamp")
    store_named(request.store_id)
    if request.shopper_key_type == "PHONE_NUMBER":
        return _by_phone(request.shopper_key)
    holder = find_holder(readings(request.shopper_key))
    if holder is None or holder.refusal(scanned=at):
        return None
    return Visitor(holder.external_id, holder.kind)


def _by_phone(key: str) -> Visitor | None:
    number = next((number for text in readings(key) if (number := as_phone_number(text))), None)
    if number is None:
        raise Malformed("shopperKey: must be a phone number, in Base64 or as it is")
    # Amazon does not say whether the country's code comes with a plus.
    members = list(Member.objects.filter(phone__in={number, f"+{number.lstrip('+')}"})[:2])
    if len(members) != 1 or members[0].is_blocked:  # a number of two members names neither
        return None
    return Visitor(members[0].external_id, members[0].kind)


def _plain(keys: list[str]) -> str:
    """The first key's text, or nothing."""
    return next((text for key in keys if (text := decoded(key))), "")


def _echo(text: str) -> str:
    """The id of a refusal, which Amazon takes as it comes; never a key that may yet open a gate."""
    return UNKNOWN_ID if not text or issued_at(text) else text[:255]
