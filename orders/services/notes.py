"""Notes that staff leave on a trip for each other. Shoppers and Amazon never see them; a correction is another note."""

import re
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid
from orders.events import trip_noted
from orders.models import Trip, TripEvent

LONGEST = 2000
# What Django takes as a username, without the full stop that ends a sentence.
MENTION = re.compile(r"(?<![\w@.+-])@([\w@.+-]*\w)")


def add_note(trip: Trip, text: str, *, actor: str, key: UUID) -> TripEvent:
    """The same key again adds nothing. Raises Invalid for a note without words, or with too many."""
    text = text.strip()
    if not text:
        raise Invalid(_("Write something."), field="note")
    if len(text) > LONGEST:
        raise Invalid(_("A note has at most %(longest)s characters.") % {"longest": LONGEST}, field="note")
    with transaction.atomic():
        note, is_new = TripEvent.objects.get_or_create(
            trip=trip, kind=TripEvent.Kind.NOTED, request_id=str(key), defaults={"actor": actor, "detail": text}
        )
        if is_new:
            trip_noted.send(TripEvent, trip=trip, note=note, mentioned=mentioned(note))
    return note


def names_in(text: str) -> list[str]:
    """`@amina, please look` names amina, whoever that is; each once, in their order."""
    return list(dict.fromkeys(MENTION.findall(text)))


def mentioned(note: TripEvent) -> list[str]:
    """The usernames that the note names and that belong to somebody who sees the trip; not its own author's."""
    people = get_user_model().objects.filter(username__in=names_in(note.detail), is_active=True, is_staff=True)
    seeing = {person.get_username() for person in people if person.sees(note.trip.store)}
    return [name for name in names_in(note.detail) if name in seeing and name != note.actor]
