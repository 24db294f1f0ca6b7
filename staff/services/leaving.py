"""Who has done something here stays: what they did is told under their name, and the admin's log would go with them."""

from functools import reduce
from operator import or_
from typing import Any

from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import Exists, Model, OuterRef, ProtectedError, Q, QuerySet
from django.utils.translation import gettext as _

from core.actors import BY_PEOPLE
from core.errors import Conflict
from staff.models import User


def who_acted(people: QuerySet[User]) -> QuerySet[User]:
    """Those of whom something is written down: an event, a change, a look, an entry of the admin's log."""
    acts = [model._base_manager.filter(BY_PEOPLE, actor=OuterRef("username")) for model in _with_actor()]
    logged = LogEntry.objects.filter(user=OuterRef("pk"))
    return people.filter(reduce(or_, (Q(Exists(rows)) for rows in [*acts, logged])))


def deactivate(person: User) -> None:
    """They sign in no more, and are signed out with their next click. Raises Conflict for whoever was deactivated."""
    with transaction.atomic():
        person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if said := obstacle(person):
            raise Conflict(said)
        person.is_active = False
        person.save(update_fields=["is_active"])


def obstacle(person: User) -> str:
    """Why they cannot be deactivated; empty when they can."""
    return "" if person.is_active else _("%(row)s is not active any more.") % {"row": person}


def keep_who_acted(sender: type[Model], instance: User, **kwargs: Any) -> None:
    """Before anybody is deleted, whatever way. What knows nothing of this is refused by the key of the admin's log."""
    if who_acted(User.objects.filter(pk=instance.pk)).exists():
        raise ProtectedError(f"{instance} has acted: deactivate the user instead.", {instance})


def _with_actor() -> list[type[Model]]:
    return [model for model in apps.get_models() if any(field.name == "actor" for field in model._meta.fields)]
