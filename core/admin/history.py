"""The history page of a row: who changed what of it, when, from what to what."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from core.history import DONE, FieldChange, history_of, in_words, models_with_history, records_of

MOST_SHOWN = 200
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Change:
    """`part` names what was changed if it is not the row itself: a barcode of a product."""

    at: datetime
    actor: str
    reason: str
    done: str
    part: str
    fields: list[FieldChange]
    zone: str


class HistoryPages:
    """The part of every admin page that shows its rows' history, where the model has one."""

    model: Any
    store_path: ClassVar[str | None]
    store_is_optional: ClassVar[bool]

    @property
    def keeps_history(self) -> bool:
        return self.model in models_with_history()

    def changes_seen_by(self, person: Any) -> QuerySet[Any]:
        """Of all rows of the model, those that are gone too: what was changed at stores that this person sees."""
        changes = history_of(self.model)
        if self.store_path is None:
            return changes
        seen: QuerySet[Any] = person.visible(changes, "at_store", or_none=self.store_is_optional)
        return seen

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        shown = {"show_history": self.keeps_history} | (extra_context or {})
        return super().changeform_view(request, object_id, form_url, shown)  # type: ignore[misc]

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Of a row that was deleted, too."""
        if not self.keeps_history:
            answer: HttpResponse = super().history_view(request, object_id, extra_context)  # type: ignore[misc]
            return answer
        page: Any = self
        if not page.has_view_permission(request):
            raise PermissionDenied
        row, pk = page.get_object(request, unquote(object_id)), unquote(object_id)
        changes = changes_told(self.histories_seen_by(request.user, pk), request.user) if is_id(pk) else []
        if row is None and not changes:
            raise Http404(_("There is no such %(what)s.") % {"what": page.opts.verbose_name})
        if row is not None and not page.has_view_permission(request, row):
            raise PermissionDenied
        request.current_app = page.admin_site.name
        context = {
            **page.admin_site.each_context(request),
            "title": _("History"),
            "opts": page.opts,
            "original": row,
            "changes": changes,
            "most": MOST_SHOWN,
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/history/page.html", context)

    def histories_seen_by(self, person: Any, pk: Any) -> list[QuerySet[Any]]:
        """Of the row and of what is edited on its page, each by itself: what this person sees of its changes."""
        own = self.changes_seen_by(person).filter(id=pk)
        # Parts belong where the row does, which this person sees.
        parts = [
            person.visible(history_of(part), "at_store").filter(**{records_of(part).object_field: pk})
            for part in parts_of(self.model)
        ]
        return [own, *parts]


def changes_told(histories: list[QuerySet[Any]], person: Any) -> list[Change]:
    """Newest first, in the zones of the stores that this person sees. The first history is the row's, the others are
    those of its parts."""
    zones = {store.pk: store.time_zone for store in person.seen_stores}
    found = [
        (record, part_called(record) if number else "")
        for number, history in enumerate(histories)
        for record in history.order_by("-history_id")[:MOST_SHOWN]
    ]
    newest = sorted(found, key=lambda each: each[0].history_date, reverse=True)
    return [
        Change(
            at=record.history_date,
            actor=record.actor,
            reason=record.history_change_reason or "",
            done=str(DONE[record.history_type]),
            part=part,
            fields=in_words(record.instance_type, record.changes),
            zone=zones.get(record.at_store, "UTC"),
        )
        for record, part in newest[:MOST_SHOWN]
    ]


def is_id(text: str) -> bool:
    """Whether a row may be called so: none has thousands of digits, which Python reads as no number."""
    return text.isdecimal() and len(text) <= MOST_DIGITS


def part_called(record: Any) -> str:
    """`Barcode 4006381333931`."""
    return f"{record.instance_type._meta.verbose_name} {record.called}"


def parts_of(model: type[Model]) -> list[type[Model]]:
    """The models whose rows are edited on the page of this one's."""
    return [
        part
        for part in models_with_history()
        if (way := records_of(part).part_of) and part._meta.get_field(way).related_model is model
    ]
