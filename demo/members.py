"""The demo's members: those that documentation names, and forty who come and go."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from django.utils import timezone

from loyalty.models import Code, Member, MemberKind
from orders.states import Entry

SHARE_OF_CARD_TRIPS = 0.2
GUESTS = 40
TIERS = ("", "", "silver", "silver", "gold")
FIRST_NAMES = ("Ava", "Ben", "Chloé", "Dara", "Eli", "Freya", "Goran", "Hana", "Ivo", "Jude")
LAST_NAMES = ("Archer", "Bianchi", "Chowdhury", "Dąbrowski")


@dataclass(frozen=True, slots=True)
class Person:
    external_id: str
    name: str = ""
    kind: MemberKind = MemberKind.SHOPPER
    email: str = ""
    phone: str = ""
    tier: str = ""
    code: str = ""
    loyalty_code: str = ""
    block_reason: str = ""


NAMED = (
    Person("DEMO-MEMBER-1", "Ada Demo", email="ada@example.com", tier="gold", code="1111-2222-3333-4444-5555-6666"),
    Person("DEMO-MEMBER-2", "Bo Demo", email="bo@example.com", loyalty_code="LOY-DEMO-2"),
    Person("DEMO-MEMBER-3", "Cy Demo", phone="+447700900123", tier="silver", code="DEMO-SHOPPER-CODE"),
    Person("DEMO-ASSOCIATE-1", "Dee Demo", MemberKind.ASSOCIATE, code="DEMO-ASSOCIATE-CODE"),
    Person("DEMO-BLOCKED-1", "Ed Demo", code="DEMO-BLOCKED-CODE", block_reason="Tried to leave with a shelf."),
)


def _guest(number: int) -> Person:
    first, last = FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number // len(FIRST_NAMES)]
    return Person(
        external_id=f"DEMO-GUEST-{number + 1:02}",
        name=f"{first} {last}",
        email=f"guest{number + 1:02}@example.com",
        phone=f"+4477009002{number:02}",
        tier=TIERS[number % len(TIERS)],
        loyalty_code=f"LOY-GUEST-{number + 1:02}",
    )


PEOPLE = (*NAMED, *map(_guest, range(GUESTS)))
VISITORS = [person for person in PEOPLE if person.kind == MemberKind.SHOPPER and not person.block_reason]


def visitor_of(amazon_trip_id: str, entry: Entry) -> Person | None:
    """Who made the visit, if it was a member; some come often.

    By app they all are, by card only who has a loyalty card.
    """
    random = Random(amazon_trip_id)
    if entry == Entry.CARD and random.random() > SHARE_OF_CARD_TRIPS:
        return None
    known = [person for person in VISITORS if entry == Entry.APP or person.loyalty_code]
    return random.choices(known, [1 / (place + 3) for place in range(len(known))])[0]


def create_members(joined_at: datetime) -> dict[str, Member]:
    """All members with their codes, by external id."""
    members = Member.objects.bulk_create(
        Member(
            external_id=person.external_id,
            kind=person.kind,
            name=person.name,
            email=person.email,
            phone=person.phone,
            tier=person.tier,
            blocked_at=timezone.now() if person.block_reason else None,
            block_reason=person.block_reason,
            created_at=joined_at,
        )
        for person in PEOPLE
    )
    known = {member.external_id: member for member in members}
    Code.objects.bulk_create(
        Code(member=known[person.external_id], value=value, is_loyalty_only=is_loyalty_only)
        for person in PEOPLE
        for value, is_loyalty_only in ((person.code, False), (person.loyalty_code, True))
        if value
    )
    return known
