"""Bodies of calls on pages: indented, otherwise as they came."""

from contextlib import suppress

import msgspec
from django import template

register = template.Library()


@register.filter
def pretty_json(body: str | bytes | memoryview) -> str:
    """Every number and escape stays as it was sent; what is no JSON comes back unchanged."""
    text = bytes(body) if isinstance(body, memoryview) else body
    with suppress(msgspec.DecodeError):
        text = msgspec.json.format(text, indent=2)
    return text.decode(errors="replace") if isinstance(text, bytes) else text
