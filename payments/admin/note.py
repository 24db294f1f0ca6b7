"""A note for colleagues, written on the trip's timeline."""

from typing import Any
from uuid import uuid4

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.languages import Words
from orders.services.notes import LONGEST, add_note
from payments.admin.trip_action import ConfirmActionView

RIGHT = "orders.add_note"


class NoteForm(forms.Form):
    """`key` is made with the form, so that sending it twice makes one note."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=LONGEST,
        widget=forms.Textarea(
            {"rows": 1, "class": "bo-input", "placeholder": gettext_lazy("Note for colleagues; @name tells somebody")}
        ),
    )


def new_note_form() -> NoteForm:
    return NoteForm(initial={"key": uuid4()})


class NoteView(ConfirmActionView):
    url_name = "note"
    right = RIGHT
    title = gettext_lazy("Note")
    form_class = NoteForm

    def get(self, request: HttpRequest, **which: int) -> HttpResponse:
        return self.page(request, form=new_note_form(), **self.question())

    def question(self) -> dict[str, Any]:
        return {
            "question": _("Leave a note on this trip?"),
            "facts": [],
            "explanation": _(
                "Your colleagues see it on the timeline with your name. Amazon and the shopper do not, and "
                "it cannot be changed later."
            ),
            "obstacle": "",
            "button": _("Add note"),
        }

    def act(self, actor: str) -> Words:
        add_note(self.trip, self.form.cleaned_data["note"], actor=actor, key=self.form.cleaned_data["key"])
        return gettext_lazy("Note added.")
