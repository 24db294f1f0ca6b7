"""What a shopper wrote when they contested a cart: `{% message_of contest as message %}`."""

from typing import Any

from django import template

from payments.models import ContestedCart
from payments.services.contest_message import message_for

register = template.Library()


@register.simple_tag(takes_context=True)
def message_of(context: dict[str, Any], contest: ContestedCart) -> str:
    """For who looks at the page: the message itself, or a sentence that there is one."""
    return message_for(context["request"].user, contest)
