"""Of two who have the same form open, the later one is told what the earlier one saved, and loses nothing.

The form carries the version that it was opened with: the newest row of the history, and of those of the parts that are
edited with it.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import Max, Model, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.forms.formsets import INITIAL_FORM_COUNT, TOTAL_FORM_COUNT, ManagementForm
from django.http import HttpRequest, QueryDict

from core.admin.history import Change, changes_told, is_id, parts_of
from core.history import history_of, records_of

VERSION = "_opened_version"


@dataclass(slots=True)
class Opened:
    """`is_old`: something was saved since; `is_overtaken`: by others. `overtaken_by`: what this person sees of it."""

    version: str = ""
    is_old: bool = False
    is_overtaken: bool = False
    overtaken_by: list[Change] = field(default_factory=list)


class _Refused:
    """A form that is not saved, however good it is."""

    def is_valid(self) -> bool:
        super().is_valid()  # type: ignore[misc]  # finds what is wrong besides
        return False


class OvertakenForms:
    """The part of every admin page that saves nothing over what a colleague has changed meanwhile.

    A form without a version is saved: it was not opened here.
    """

    model: Any
    keeps_history: Any

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        opened = Opened()
        request.opened = opened  # type: ignore[attr-defined]
        pk = unquote(object_id or "")
        page: Any = self
        # Before the row is read: what is saved in between counts as later.
        if request.method == "GET" and is_id(pk) and self.keeps_history and page.has_change_permission(request):
            opened.version = _version(self.model, pk)
        shown = {"opened": opened, "opened_field": VERSION} | (extra_context or {})
        return super().changeform_view(request, object_id, form_url, shown)  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        page: Any = self
        version = request.POST.get(VERSION)
        if not (change and obj is not None and version is not None and self.keeps_history):
            return form
        # Whoever saves at the same moment waits here, and then finds the other's change. What points to the row waits
        # for nobody: a trip is priced while its product's page is saved.
        self.model._base_manager.select_for_update(no_key=True).filter(pk=obj.pk).values("pk").first()
        opened: Opened = request.opened  # type: ignore[attr-defined]
        opened.version = _version(self.model, obj.pk)
        opened.is_old = opened.version != version
        if opened.is_old:
            opened.is_overtaken = any(
                rows.exists() for rows in _since(version, _histories(self.model, obj.pk), request.user)
            )
            seen = _since(version, page.histories_seen_by(request.user, obj.pk), request.user)
            opened.overtaken_by = changes_told(seen, request.user)
        return type(form.__name__, (_Refused, form), {}) if opened.is_overtaken else form

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """A part that is gone would be looked for with each save, and never found."""
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)  # type: ignore[misc]
        opened: Opened = request.opened  # type: ignore[attr-defined]
        if opened.is_old and inline.model in parts_of(self.model):
            of_row = inline.model._base_manager.filter(**{records_of(inline.model).object_field: obj.pk})
            kwargs["data"] = _without_gone(kwargs["data"], prefix, set(of_row.values_list("pk", flat=True)))
        return kwargs


def _without_gone(said: QueryDict, prefix: str, there: set[Any]) -> QueryDict:
    """What was sent about parts, without those that are not there any more; the ones behind them move up."""
    counts = ManagementForm(said, prefix=prefix)
    if not counts.is_valid():
        return said
    total, before = (counts.cleaned_data[name] or 0 for name in (TOTAL_FORM_COUNT, INITIAL_FORM_COUNT))
    known, of_part = set(map(str, there)), re.compile(rf"{re.escape(prefix)}-([0-9]{{1,9}})-(.+)")
    parts = [(int(found[1]), found[2], key) for key in said if (found := of_part.fullmatch(key))]
    gone = {number for number, name, key in parts if name == "id" and number < before and said[key] not in known}
    kept = said.copy()
    for _number, _name, key in parts:
        del kept[key]
    for number, name, key in parts:
        if number not in gone:
            kept.setlist(f"{prefix}-{number - sum(one < number for one in gone)}-{name}", said.getlist(key))
    kept[f"{prefix}-{TOTAL_FORM_COUNT}"] = str(total - len(gone))
    kept[f"{prefix}-{INITIAL_FORM_COUNT}"] = str(before - len(gone))
    return kept


def _histories(model: type[Model], pk: Any) -> list[QuerySet[Any]]:
    """Of the row and its parts, whoever sees it."""
    return [history_of(each).filter(**{records_of(each).object_field: pk}) for each in (model, *parts_of(model))]


def _version(model: type[Model], pk: Any) -> str:
    """`12`, of a product with barcodes `12.7`: one statement."""
    newest = []
    for history in _histories(model, pk):
        key = history.model.records.object_field
        of_row = history.order_by().values(key)
        newest.append(Coalesce(Subquery(of_row.annotate(newest=Max("history_id")).values("newest")), Value(0)))
    found = model._base_manager.filter(pk=pk).values_list(*newest).first()
    return ".".join(map(str, found or ()))


def _since(version: str, histories: list[QuerySet[Any]], person: Any) -> list[QuerySet[Any]]:
    """What others than this person have saved after the version."""
    known = [int(one) if is_id(one) else 0 for one in version.split(".")]
    known += [0] * (len(histories) - len(known))
    return [
        history.filter(history_id__gt=newest).exclude(actor=person.get_username())
        for history, newest in zip(histories, known, strict=False)
    ]
