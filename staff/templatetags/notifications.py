"""The bell in the header."""

from typing import Any

from django import template

from staff.services.notifications import MOST_COUNTED, unread_count

register = template.Library()


@register.inclusion_tag("staff/bell.html", takes_context=True)
def bell(context: Any) -> dict[str, Any]:
    """One statement a page."""
    count = unread_count(context["request"].user)
    return {"count": count, "shown": f"{MOST_COUNTED}+" if count > MOST_COUNTED else str(count)}
