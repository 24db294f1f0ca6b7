"""Notes of staff, and who did something, on pages."""

import re

from django import template
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy

from core.languages import Words

register = template.Library()

_MENTION = re.compile(r"(?<![\w@.+-])(@[\w@.+-]*\w)")
# Who acts without being a person, as it is written down.
_ACTORS = {
    "system": gettext_lazy("system"),
    "fallback": gettext_lazy("fallback"),
    "gate rules": gettext_lazy("gate rules"),
    "person": gettext_lazy("person"),
    "outside": gettext_lazy("outside"),
}
_ICONS = {"person": "person", "Amazon": "cloud", "system": "settings", "outside": "hub"}


@register.filter
def with_mentions(text: str) -> SafeString:
    """Names with an @ stand out."""
    return mark_safe(_MENTION.sub(r"<strong>\1</strong>", conditional_escape(text)))  # noqa: S308 escaped just here


@register.filter
def actor_words(actor: str) -> Words:
    """`system`, and the kinds of actors, in the reader's language; a person's name is their own."""
    return _ACTORS.get(actor, actor)


@register.filter
def actor_icon(kind: str) -> str:
    """`person`, `Amazon`, `system` or `outside`, as a symbol."""
    return _ICONS.get(kind, "person")
