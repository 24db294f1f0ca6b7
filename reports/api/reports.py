"""The reports as JSON, for the retailer's own systems: what the pages show."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Invalid
from reports.api.permissions import reads
from reports.cells import Column, Kind, as_json
from reports.pages.page import Block, Page, Report, Row
from reports.periods import Compare, Period, Preset
from reports.query import DayForm

_HOW = {
    Kind.MONEY: "A decimal string with the currency's decimals.",
    Kind.SHARE: "A decimal string between 0 and 1.",
    Kind.QUANTITY: "A decimal string.",
    Kind.DAY: "YYYY-MM-DD",
}


# What a report's parts are called: by currency, or by what they are about where nothing is money.
_PARTS = {True: ("currencies", "currency"), False: ("parts", "part")}


def view_of(page: Page) -> Any:
    """The view of one page, described in the schema by the page's own columns."""

    class ReportView(APIView):
        permission_classes = [reads(page)]

        @extend_schema(
            operation_id=f"report_{page.key}".replace("-", "_"),
            summary=f"Report: {page.title}",
            description=f"{page.about} Each currency by itself." if page.has_currencies else page.about,
            parameters=_parameters(page),
            responses={
                200: _answer_of(page),
                400: OpenApiResponse(description="The question makes no sense; says which part of it."),
            },
        )
        def get(self, request: Request) -> Response:
            return Response(_report(page, _answer(page, request)))

    return ReportView.as_view()


def _answer(page: Page, request: Request) -> Report:
    asked: QueryDict = request.query_params
    caller: Any = request.user
    form = page.form(caller, asked, page)
    if unknown := set(asked) - set(form.fields):
        names = ", ".join(sorted(form.fields))
        raise ValidationError({name: [f"No such filter. There are: {names}."] for name in sorted(unknown)})
    try:
        return page.build(form.query())
    except Invalid as error:
        raise ValidationError({error.field: [error.message]}) from error


def _parameters(page: Page) -> list[OpenApiParameter]:
    if page.form is DayForm:
        return [
            OpenApiParameter("day", OpenApiTypes.DATE, description="The store's own; today's if none."),
            OpenApiParameter("store", description="An external id; the first store by name if none."),
        ]
    days = "A store's own days, this one included; counts before `period`."
    found = [
        OpenApiParameter(
            "period", enum=[preset.value for preset in Preset], description="The last seven days if none."
        ),
        OpenApiParameter("from", OpenApiTypes.DATE, description=days),
        OpenApiParameter("to", OpenApiTypes.DATE, description=days),
        OpenApiParameter("store", many=True, description="External ids; all stores if none."),
    ]
    if page.compares:
        found.append(OpenApiParameter("compare", enum=[compare.value for compare in Compare]))
    if len(page.groups) > 1:
        found.append(OpenApiParameter("group", enum=list(page.groups), description="What the rows are."))
    if page.sorts:
        found.append(OpenApiParameter("sort", enum=list(page.sorts), description="What comes first."))
    return found


def _answer_of(page: Page) -> Any:
    """A row has the columns of its group; the schema names those of all groups."""
    name = f"{page.title.title().replace(' ', '')}Report"
    columns = {column.key: column for group in page.groups for column in page.columns(group)}

    def row(suffix: str, **options: Any) -> Any:
        return inline_serializer(f"{name}{suffix}", {key: _field(column) for key, column in columns.items()}, **options)

    parts, part = _PARTS[page.has_currencies]
    currency = {
        part: serializers.CharField(help_text="Empty: of what has no currency." if page.has_currencies else ""),
        "rows": row("Row", many=True),
        "total": row("Total"),
        "before": row("Before", allow_null=True, help_text="The total of the days it is compared with."),
        "unpriced": serializers.IntegerField(help_text="Carts without a price: the sums may still grow."),
        "uncollected": serializers.IntegerField(help_text="Carts whose money is not known to be taken yet."),
    }
    return inline_serializer(
        name,
        {
            "days": _period_field(f"{name}Days"),
            "compared_with": _period_field(f"{name}ComparedWith", allow_null=True),
            "stores": serializers.ListField(child=serializers.CharField(), help_text="External ids."),
            "time_zones": serializers.ListField(child=serializers.CharField(), help_text="In which the days end."),
            "counted_up_to": serializers.DateTimeField(allow_null=True),
            "is_partial": serializers.BooleanField(),
            parts: inline_serializer(f"{name}{part.capitalize()}", currency, many=True),
        },
    )


def _period_field(name: str, **options: Any) -> Any:
    fields: dict[str, Any] = {"first": serializers.DateField(), "last": serializers.DateField()}
    return inline_serializer(name, fields, **options)


def _field(column: Column) -> Any:
    text = " ".join(filter(None, [column.title + ".", column.help, _HOW.get(column.kind, "")]))
    options: Mapping[str, Any] = {"allow_null": True, "required": False, "help_text": text}
    is_whole = column.kind in {Kind.COUNT, Kind.SECONDS, Kind.MILLISECONDS}
    return serializers.IntegerField(**options) if is_whole else serializers.CharField(**options)


def _report(page: Page, report: Report) -> dict[str, Any]:
    query = report.query
    return {
        "days": _period(query.period),
        "compared_with": _period(query.previous),
        "stores": [store.external_id for store in query.stores],
        "time_zones": query.zones,
        "counted_up_to": report.freshness.at,
        "is_partial": report.is_partial,
        _PARTS[page.has_currencies][0]: [_block(page, block, report.columns) for block in report.blocks],
    }


def _period(period: Period | None) -> dict[str, str] | None:
    return {"first": str(period.first), "last": str(period.last)} if period else None


def _block(page: Page, block: Block, columns: list[Column]) -> dict[str, Any]:
    def row(values: Row) -> dict[str, Any]:
        return {column.key: as_json(values.get(column.key), column.kind, block.currency) for column in columns}

    return {
        _PARTS[page.has_currencies][1]: block.currency if page.has_currencies else block.name,
        "rows": [row(each) for each in block.rows],
        "total": row(block.total),
        "before": row(block.before) if block.before else None,
        "unpriced": block.unpriced,
        "uncollected": block.uncollected,
    }
