"""What people are told who lack a right: always in the same words, on pages and by the API."""

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth import get_permission_codename
from django.contrib.auth.models import Group
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words

# Django's own rights, which every model has. Those of ours are marked where a model names them.
_CAN = {
    "add": gettext_lazy("Can add {model}"),
    "change": gettext_lazy("Can change {model}"),
    "delete": gettext_lazy("Can delete {model}"),
    "view": gettext_lazy("Can view {model}"),
}


def missing_right(right: str) -> str:
    """Names the right, such as `payments.request_refund`. Asks nobody, so that each disabled button can say it."""
    meaning = _meanings().get(right)
    if meaning is None:
        return _("You need the right %(right)s.") % {"right": right}
    return _("You need the right “%(meaning)s” (%(right)s).") % {"meaning": meaning, "right": right}


def refusal(right: str) -> str:
    """The same, and where to get it: one statement."""
    app, _, codename = right.partition(".")
    groups = Group.objects.filter(permissions__content_type__app_label=app, permissions__codename=codename)
    return f"{missing_right(right)} {_where_to_get_it(list(groups.order_by('name').values_list('name', flat=True)))}"


def _where_to_get_it(groups: list[str]) -> str:
    if not groups:
        return _("No group has it; whoever manages the users here can give it to you.")
    if len(groups) == 1:
        said = _("The group %(group)s has it; whoever manages the users here can add you to it.")
        return said % {"group": groups[0]}
    said = _("The groups %(groups)s and %(last)s have it; whoever manages the users here can add you to one.")
    return said % {"groups": ", ".join(groups[:-1]), "last": groups[-1]}


@cache
def _meanings() -> dict[str, Words]:
    return {f"{model._meta.app_label}.{name}": text for model in apps.get_models() for name, text in _rights_on(model)}


def _rights_on(model: Any) -> Iterator[tuple[str, Words]]:
    for action in model._meta.default_permissions:
        meaning = format_lazy(_CAN[action], model=model._meta.verbose_name)
        yield get_permission_codename(action, model._meta), meaning
    for codename, meaning in model._meta.permissions:
        yield codename, gettext_lazy(meaning)
