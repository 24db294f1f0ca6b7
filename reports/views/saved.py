"""Reports that people keep under a name, and have sent."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views import View

from core.admin import require_right
from core.admin.theme import theme
from core.errors import Conflict, Invalid
from reports.models import ReportMail, SavedReport
from reports.pages.page import Page
from reports.query import address_of, stores_of
from reports.rights import RIGHT, pages_of, rights_for
from reports.services.saved import colleagues_of, page_of, send_now, set_due
from staff.models import User
from staff.services.people import person_of

MOST_MAILS_SHOWN = 5
_LOOK = {"class": "bo-input"}
_SAME_NAME = "A report of yours has this name already."
_STORES_UNSEEN = "It names stores that you do not see any more: choose its stores."
_WHEN = ("schedule", "weekday", "hour", "time_zone")
_HOURS = [(hour, f"{hour:02}:00") for hour in range(24)]


class SavedReportForm(forms.ModelForm):  # type: ignore[type-arg]
    hour = forms.TypedChoiceField(label="At", choices=_HOURS, coerce=int, initial=7, widget=forms.Select(_LOOK))
    time_zone = forms.ChoiceField(label="In the time of", widget=forms.Select(_LOOK))
    recipients = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="To",
        help_text="Each is sent what they may see themselves.",
        error_messages={"invalid_choice": "That is none of the colleagues who may see the reports."},
    )

    class Meta:
        model = SavedReport
        fields = ("name", "schedule", "weekday", "hour", "time_zone", "recipients")
        labels = {"schedule": "Sent", "weekday": "On"}
        widgets = {
            "name": forms.TextInput(_LOOK),
            "schedule": forms.Select(_LOOK),
            "weekday": forms.Select(_LOOK),
        }

    def __init__(self, person: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        people = colleagues_of(person)
        fields["recipients"].queryset = people
        fields["recipients"].widget.attrs = {**_LOOK, "size": min(max(people.count(), 2), 6)}
        if not self.instance.pk:
            self.initial["recipients"] = [person]
        zones = {store.time_zone for store in stores_of(person)} | {self.instance.time_zone}
        fields["time_zone"].choices = [(zone, zone) for zone in sorted(zones)]

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = SavedReport.objects.filter(person=self.instance.person, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_SAME_NAME)
        return name

    def save(self, commit: bool = True) -> Any:
        """When it is due is left alone unless that is what is changed: a worker may be about to send it. Raises
        IntegrityError where another of the same name was saved meanwhile, and DoesNotExist where it was deleted."""
        report = super().save(commit=False)
        with transaction.atomic():
            before = SavedReport.locked(report.pk) if report.pk else None
            if before is None:
                set_due(report)
                report.save()
            else:
                changed = ["name", "question", *_WHEN]
                if any(getattr(before, name) != getattr(report, name) for name in _WHEN):
                    set_due(report)
                    changed += ["due_at", "next_attempt_at"]
                report.save(update_fields=changed)
            self.save_m2m()
        return report


class _AboutSaved(View):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, RIGHT)
        return super().dispatch(request, *args, **kwargs)

    def own(self, pk: int) -> SavedReport:
        report: SavedReport = get_object_or_404(SavedReport, pk=pk, person=person_of(self.request))
        return report

    def context(self, title: str, **more: Any) -> dict[str, Any]:
        own = {"title": title, "pages": pages_of(person_of(self.request)), "has_mail_server": bool(settings.EMAIL_URL)}
        return theme(self.request) | own | more


class SavedReportsView(_AboutSaved):
    def get(self, request: HttpRequest) -> HttpResponse:
        last = ReportMail.objects.select_related("recipient")[:MOST_MAILS_SHOWN]
        mails = Prefetch("mails", last, to_attr="last_mails")
        reports = SavedReport.objects.filter(person=person_of(request)).prefetch_related("recipients")
        rows = [(report, page_of(report.page)) for report in reports.prefetch_related(mails)]
        return TemplateResponse(request, "reports/saved.html", self.context("Saved", rows=rows))


class _FormView(_AboutSaved):
    """A form about one report; `self.report` is not saved yet where it is a new one. `question` asks for what it asks,
    where that can be changed here."""

    report: SavedReport
    question: forms.Form | None = None

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self._page(SavedReportForm(person_of(request), instance=self.report))

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = SavedReportForm(person_of(request), request.POST, instance=self.report)
        form.full_clean()
        if problem := self.take_question(request.POST):
            form.add_error(None, problem)
        if not form.is_valid():
            return self._page(form)
        try:
            form.save()
        except IntegrityError:
            form.add_error("name", _SAME_NAME)
            return self._page(form)
        except SavedReport.DoesNotExist as error:
            raise Http404 from error
        return redirect("reports-saved")

    def take_question(self, posted: QueryDict) -> str:
        """Returns why it makes no sense; empty if it does."""
        return ""

    def _page(self, form: SavedReportForm) -> HttpResponse:
        title = "Change a saved report" if self.report.pk else "Save a report"
        context = self.context(
            title, form=form, report=self.report, page=page_of(self.report.page), question=self.question
        )
        return TemplateResponse(self.request, "reports/saved_form.html", context)


class SaveReportView(_FormView):
    """The address holds the question, as on the page itself."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, RIGHT)
        person, page = person_of(request), page_of(kwargs["key"])
        if page is None:
            raise Http404
        for right in rights_for(page):
            require_right(request, right)
        question, problem = _question(person, page, request.GET)
        if problem:
            messages.error(request, problem)
            return redirect(f"{reverse(f'report-{page.key}')}?{request.GET.urlencode()}")
        self.report = SavedReport(person=person, page=page.key, question=question, time_zone=_zone_of(person))
        return super().dispatch(request, *args, **kwargs)


class SavedReportView(_FormView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        require_right(request, RIGHT)
        self.report = self.own(kwargs["pk"])
        self._ask(QueryDict(self.report.question))
        return super().dispatch(request, *args, **kwargs)

    def take_question(self, posted: QueryDict) -> str:
        person, page = person_of(self.request), page_of(self.report.page)
        if page is None or self.question is None:
            return ""
        asked = QueryDict(mutable=True)
        for name in self.question.fields:
            asked.setlist(name, posted.getlist(name))
        self._ask(asked)
        if not any(asked.getlist("store")) and self._names_unseen(person):
            return _STORES_UNSEEN
        question, problem = _question(person, page, asked)
        if not problem:
            self.report.question = question
        return problem

    def _names_unseen(self, person: User) -> bool:
        """They are no choice in its form: with none posted nobody has said that all are meant."""
        named = QueryDict(self.report.question).getlist("store")
        return not {store.external_id for store in stores_of(person)}.issuperset(named)

    def _ask(self, asked: QueryDict) -> None:
        """Not where the page is gone, or may not be seen any more."""
        person, page = person_of(self.request), page_of(self.report.page)
        if page is not None and all(person.has_perm(right) for right in rights_for(page)):
            self.question = page.form(person, asked, page).as_kept()


class DeleteReportView(_AboutSaved):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        self.own(pk).delete()
        return redirect("reports-saved")


class SendReportView(_AboutSaved):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            send_now(self.own(pk))
        except Conflict as error:
            messages.warning(request, error.message)
        except SavedReport.DoesNotExist as error:
            raise Http404 from error
        return redirect("reports-saved")


def _question(person: User, page: Page, asked: QueryDict) -> tuple[str, str]:
    """What is kept of the address, and why it makes no sense; empty if it does."""
    form = page.form(person, asked, page)
    try:
        page.build(form.query())
    except Invalid as error:
        return "", error.message
    question = address_of(form.to_keep(asked))
    is_too_long = len(question) > SavedReport._meta.get_field("question").max_length  # type: ignore[operator]
    return question, "This question is too long to be kept: choose fewer stores, or all of them." if is_too_long else ""


def _zone_of(person: User) -> str:
    zones = [store.time_zone for store in stores_of(person)]
    return max(zones, key=zones.count, default="UTC")
