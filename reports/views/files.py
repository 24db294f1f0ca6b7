"""Large files: asked for, seen to grow, and taken away."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.response import TemplateResponse
from django.views import View

from core.admin import require_right
from core.admin.theme import theme
from core.errors import DomainError
from reports.exports.rows import SOURCES
from reports.models.exports import Extension, ReportFile
from reports.periods import Period
from reports.query import QueryForm, stores_of
from reports.rights import RIGHT, pages_of
from reports.services.exports import ask_for_file, files_of, may_have, note_export
from staff.models import User
from staff.services.people import person_of

MOST_SHOWN = 30
POLL_SECONDS = 2
_LOOK = {"class": "bo-input"}


class _Rows:
    """What is asked for them: days and stores."""

    groups: dict[str, str] = {"": ""}
    sorts: dict[str, str] = {}
    compares = False

    @staticmethod
    def fitting(period: Period) -> str:
        return ""


class FileForm(QueryForm):
    """Which rows, as which kind of file, besides days and stores."""

    def __init__(self, person: User, asked: QueryDict) -> None:
        whats = [(what.value, what.label) for what in ReportFile.What if person.has_perm(SOURCES[what].right)]
        chosen = asked.copy()
        chosen.setdefault("what", whats[0][0] if whats else "")
        chosen.setdefault("extension", Extension.CSV)
        super().__init__(person, chosen, _Rows())
        self.fields["what"] = forms.ChoiceField(label="Rows", choices=whats, widget=forms.Select(_LOOK))
        self.fields["extension"] = forms.ChoiceField(label="As", choices=Extension.choices, widget=forms.Select(_LOOK))
        self.order_fields(["what", "extension"])


class _AboutFiles(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, RIGHT)
        return super().dispatch(request, *args, **kwargs)


class FilesView(_AboutFiles):
    """An address with a report's question asks for the rows behind that."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, FileForm(person_of(request), request.GET))

    def post(self, request: HttpRequest) -> HttpResponse:
        person = person_of(request)
        form = FileForm(person, request.POST)
        try:
            query = form.query()
            require_right(request, SOURCES[form.cleaned_data["what"]].right)
            ask_for_file(person, form.cleaned_data["what"], form.cleaned_data["extension"], query)
        except DomainError as error:
            return self._page(request, form, error.message)
        return redirect("report-files")

    def _page(self, request: HttpRequest, form: FileForm, problem: str = "") -> HttpResponse:
        context = (
            theme(request)
            | list_of(person_of(request))
            | {
                "title": "Files",
                "pages": pages_of(person_of(request)),
                "form": form,
                "problem": problem,
                "kept_days": settings.FILES_KEPT_DAYS,
                "has_stores": bool(stores_of(person_of(request))),
                "may_ask": bool(form.fields["what"].choices),  # type: ignore[attr-defined]
            }
        )
        return TemplateResponse(request, "reports/files.html", context)


class FilesContentView(_AboutFiles):
    """The list alone, which asks for itself while a file grows."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "reports/files_content.html", list_of(person_of(request)))


class FileView(_AboutFiles):
    """POST, because it is written down who took what away."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        person = person_of(request)
        file: ReportFile = get_object_or_404(files_of(person), pk=pk, state=ReportFile.State.DONE)
        require_right(request, SOURCES[file.what].right)
        if not may_have(person, file):
            raise PermissionDenied("This file is about stores that you do not see any more.")
        if not default_storage.exists(file.name):
            return redirect("report-files")
        note_export(person, file, "Took away")
        return FileResponse(default_storage.open(file.name), as_attachment=True, filename=file.file_name)


def list_of(person: User) -> dict[str, Any]:
    files = list(files_of(person)[:MOST_SHOWN])
    is_waiting = any(file.state == ReportFile.State.WAITING for file in files)
    return {"files": files, "poll_seconds": POLL_SECONDS if is_waiting else 0}
