"""What a saved report looks like as an e-mail: its totals as text and as a table, all of it as a workbook."""

from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse

from reports.cells import shown
from reports.files import XLSX, xlsx_bytes
from reports.models import ReportMail
from reports.pages.page import Block, Page, Report
from reports.query import address_of


def mail_of(row: ReportMail, page: Page, report: Report) -> EmailMessage:
    context = {
        "row": row,
        "page": page,
        "report": report,
        "blocks": [(block.name, _totals(block, report)) for block in report.blocks],
        "link": _link(row, page, report),
    }
    mail = EmailMultiAlternatives(
        subject=" ".join(f"{row.report.name}: {report.query.period}".split()),
        body=render_to_string("reports/mail.txt", context),
        to=[row.recipient.email],
    )
    mail.attach_alternative(render_to_string("reports/mail.html", context), "text/html")
    period = report.query.period
    mail.attach(f"{page.key}-{period.first}-{period.last}.xlsx", xlsx_bytes(page, report), XLSX)
    return mail


def _totals(block: Block, report: Report) -> list[tuple[str, str, str]]:
    """Its cards with how they changed, or what its last row says without what cannot be added up."""
    if block.cards:
        return [(card.title, card.value, card.change) for card in block.cards]
    columns = [column for column in report.columns if column.is_number and column.key in block.total]
    return [(column.title, shown(block.total[column.key], column.kind, block.currency), "") for column in columns]


def _link(row: ReportMail, page: Page, report: Report) -> str:
    """To the same days, whenever it is followed, and no store that the recipient does not see. Empty where nobody said
    where this server is."""
    if not settings.BASE_URL:
        return ""
    asked: Any = QueryDict(row.report.question, mutable=True)
    query = report.query
    asked.pop("period", None)
    asked["from"], asked["to"] = str(query.period.first), str(query.period.last)
    asked.setlist("store", [store.external_id for store in query.stores] if query.has_chosen else [])
    return f"{settings.BASE_URL.rstrip('/')}{reverse(f'report-{page.key}')}?{address_of(asked)}"
