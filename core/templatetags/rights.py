"""Refusals beside buttons, in the words of every other refusal."""

from django import template

from core import rights

register = template.Library()


@register.simple_tag
def missing_right(right: str) -> str:
    """`{% missing_right "payments.retry_charge" %}`."""
    return rights.missing_right(right)
