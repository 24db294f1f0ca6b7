"""Of two who have the same form open, the later one is told what the earlier one saved, and loses nothing.

The form carries the version that it was opened with: the newest row of the history, and of those of the parts that are
edited with it.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.admin.utils import unquote
from django.db.models import Max, Model, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from core.admin.history import Change, changes_told, part_called, parts_of
from core.history import history_of, records_of

VERSION = "_opened_version"
MOST_DIGITS = 18  # of a number in it: no row has more, and Python reads no number of thousands


@dataclass(slots=True)
class Opened:
    """`overtaken_by`: what others have saved since."""

    version: str = ""
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
        if request.method == "GET" and pk.isdecimal() and self.keeps_history and page.has_change_permission(request):
            opened.version = _version(self.model, pk)
        shown = {"opened": opened, "opened_field": VERSION} | (extra_context or {})
        return super().changeform_view(request, object_id, form_url, shown)  # type: ignore[misc]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        version = request.POST.get(VERSION)
        if not (change and obj is not None and version is not None and self.keeps_history):
            return form
        # Whoever saves at the same moment waits here, and then finds the other's change. What points to the row waits
        # for nobody: a trip is priced while its product's page is saved.
        self.model._base_manager.select_for_update(no_key=True).filter(pk=obj.pk).values("pk").first()
        opened: Opened = request.opened  # type: ignore[attr-defined]
        opened.version = _version(self.model, obj.pk)
        if opened.version != version:
            opened.overtaken_by = changes_told(_since(version, obj, request.user), request.user)
        return type(form.__name__, (_Refused, form), {}) if opened.overtaken_by else form


def _version(model: type[Model], pk: Any) -> str:
    """`12`, of a product with barcodes `12.7`: one statement."""
    newest = []
    for each in (model, *parts_of(model)):
        key = records_of(each).object_field
        of_row = history_of(each).filter(**{key: pk}).order_by().values(key)
        newest.append(Coalesce(Subquery(of_row.annotate(newest=Max("history_id")).values("newest")), Value(0)))
    found = model._base_manager.filter(pk=pk).values_list(*newest).first()
    return ".".join(map(str, found or ()))


def _since(version: str, row: Model, person: Any) -> list[tuple[Any, str]]:
    """What others than this person have saved of the row and its parts."""
    models = [type(row), *parts_of(type(row))]
    known = [int(one) if one.isdecimal() and len(one) <= MOST_DIGITS else 0 for one in version.split(".")]
    known += [0] * (len(models) - len(known))
    found = []
    for model, newest in zip(models, known, strict=False):
        later = history_of(model).filter(**{records_of(model).object_field: row.pk}, history_id__gt=newest)
        by_others = later.exclude(actor=person.get_username())
        found += [(record, "" if model is type(row) else part_called(record)) for record in by_others]
    return found
