"""Why a trip needs a look, as lists and the trip's page show it."""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from payments.services.attention import Why


def why_labels(whys: Iterable[Why]) -> SafeString:
    labels = (render_to_string("unfold/helpers/label.html", {"text": why.label, "type": why.tone}) for why in whys)
    return mark_safe(" ".join(labels) or "–")  # noqa: S308
