"""“Looked at”, for what went wrong and cannot or need not be put right."""

from typing import Any

from django import forms
from django.http import Http404
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words
from core.templatetags.times import in_zone
from payments.admin.trip_action import ConfirmActionView
from payments.services.attention import WHYS
from payments.services.seen import find_seeable, mark_seen, seen_obstacle

RIGHT = "orders.mark_seen"


class SeenForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What you found"),
        help_text=gettext_lazy("Such as: refunded in cash. It stays on the timeline with your name."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "class": "bo-input"}),
    )


class SeenView(ConfirmActionView):
    url_name = "seen"
    right = RIGHT
    title = gettext_lazy("Looked at")
    form_class = SeenForm

    def question(self) -> dict[str, Any]:
        row, key = self._row(), self.kwargs["key"]
        return {
            "question": _("Is nothing more to be done about this?"),
            "facts": [
                (_("It needs a look because"), WHYS[key].label),
                (_("The answer was"), getattr(row, "last_error", "") or "–"),
                (_("Trip of"), in_zone(self.trip.started_at, self.trip.store.time_zone)),
            ],
            "explanation": _(
                "It leaves “Needs a look”. No money moves and nothing is sent; should it go wrong once "
                "more, it comes back."
            ),
            "obstacle": seen_obstacle(key, row),
            "button": _("It was looked at"),
        }

    def act(self, actor: str) -> Words:
        key = self.kwargs["key"]
        mark_seen(self.trip, key, self._row(), actor=actor, note=self.form.cleaned_data["note"])
        return format_lazy(gettext_lazy("Looked at: {label}."), label=WHYS[key].label)

    def _row(self) -> Any:
        row = find_seeable(self.trip, self.kwargs["key"], self.kwargs["row_pk"])
        if row is None:
            raise Http404("This trip has nothing of the kind.")
        return row
