"""The pages of the reports, and what is on them as files."""

from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.http import urlencode
from django.views import View

from core.admin import require_right
from core.admin.theme import theme
from core.errors import Invalid
from core.spreadsheets import csv_lines
from reports.files import XLSX, csv_rows, xlsx_bytes
from reports.pages import PAGES
from reports.pages.page import Page, Report
from reports.query import Question, address_of, stores_of
from reports.rights import pages_of, rights_for
from staff.services.people import person_of

MOST_ROWS = 400

_REMEMBERED = "reports"
_SHARED = {"period", "from", "to", "compare", "store"}


class _AboutReports(View):
    page: ClassVar[Page] = PAGES[0]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        for right in rights_for(self.page):
            require_right(request, right)
        return super().dispatch(request, *args, **kwargs)

    def form(self, asked: QueryDict) -> Question:
        return self.page.form(person_of(self.request), asked, self.page)


class ReportView(_AboutReports):
    """An address without a question asks again what this person asked last, of whichever page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        form, report, problem = self._answer(request)
        asked = form.data
        context = theme(request) | {
            "title": self.page.title,
            "page": self.page,
            "pages": pages_of(person_of(request)),
            "form": form,
            "address": address_of(asked),
            "same_days": address_of(_shared(asked)),
            "report": report,
            "problem": problem,
            "has_stores": bool(stores_of(person_of(request))),
            "most_rows": MOST_ROWS,
            "first_rows": f":{MOST_ROWS}",
            "is_demo": settings.IS_DEMO,
        }
        return TemplateResponse(request, "reports/page.html", context)

    def _answer(self, request: HttpRequest) -> tuple[Question, Report | None, str]:
        remembered = QueryDict(request.session.get(_REMEMBERED, ""))
        form = self.form(request.GET or remembered)
        try:
            report = self.page.build(form.query())
        except Invalid as error:
            if request.GET:
                return form, None, error.message
            form = self.form(QueryDict())  # what was remembered makes no sense any more
            report = self.page.build(form.query())
        asked = address_of(_shared(form.data))
        if request.GET and asked != remembered.urlencode():
            request.session[_REMEMBERED] = asked
        return form, report, ""


class ReportFileView(_AboutReports):
    """The same question in the same address, answered with all of the rows."""

    extension: ClassVar[str] = "csv"

    def get(self, request: HttpRequest) -> HttpResponseBase:
        try:
            report = self.page.build(self.form(request.GET).query())
        except Invalid as error:
            return HttpResponse(error.message, status=400, content_type="text/plain; charset=utf-8")
        answer: HttpResponseBase
        if self.extension == "xlsx":
            answer = HttpResponse(xlsx_bytes(self.page, report), content_type=XLSX)
        else:
            answer = StreamingHttpResponse(
                csv_lines(csv_rows(self.page, report)), content_type="text/csv; charset=utf-8"
            )
        period = report.query.period
        name = f"{self.page.key}-{period.first}-{period.last}.{self.extension}"
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer


def _shared(asked: Any) -> QueryDict:
    """What every page understands: the groups of one are not those of another."""
    kept = [(name, value) for name, values in asked.lists() if name in _SHARED for value in values]
    if day := asked.get("day"):
        kept += [("from", day), ("to", day)]
    return QueryDict(urlencode(kept))
