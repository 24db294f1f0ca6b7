"""Members as a table: what a file of them looks like, and what happens to each of its rows."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

import tablib
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.results import RowResult

from core.errors import DomainError, Invalid
from core.spreadsheets import guarded, unguarded
from loyalty.member_data import CODE_SEPARATOR, LOYALTY_ONLY, CodeData, MemberData
from loyalty.models import Member
from loyalty.services.members import Outcome, save_member

COLUMNS = ("external_id", "kind", "name", "email", "phone", "tier", "codes")

_TYPES = {
    Outcome.CREATED: RowResult.IMPORT_TYPE_NEW,
    Outcome.UPDATED: RowResult.IMPORT_TYPE_UPDATE,
    Outcome.UNCHANGED: RowResult.IMPORT_TYPE_SKIP,
}


def read_table(content: bytes) -> tablib.Dataset:
    """The rows of a CSV file whose first line names its columns. Raises Invalid that says what is wrong with it."""
    try:
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid(
            _("The file cannot be read. It must be CSV in UTF-8, with commas between the columns.")
        ) from error
    if b"\0" in content:
        raise Invalid(_("The file holds the character NUL; it must be CSV in UTF-8."))
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise Invalid(_("The file is empty."))
    headers = [cell.strip() for cell in rows[0]]
    _check_columns(headers)
    for number, row in enumerate(rows[1:], start=1):
        if len(row) != len(headers):
            raise Invalid(
                _("Row %(number)s has %(count)s cells, but there are %(count2)s columns.")
                % {"number": number, "count": len(row), "count2": len(headers)}
            )
    return tablib.Dataset(*rows[1:], headers=headers)


def _check_columns(headers: list[str]) -> None:
    known = ", ".join(COLUMNS)
    if unknown := [name for name in headers if name not in COLUMNS]:
        raise Invalid(
            _("There is no column “%(value)s”. The columns are %(known)s, with commas between them.")
            % {"value": unknown[0], "known": known}
        )
    if len(set(headers)) != len(headers):
        raise Invalid(_("A column stands twice in the first line."))
    if "external_id" not in headers:
        raise Invalid(_("The column external_id is missing. The columns are %(known)s.") % {"known": known})


def data_of(row: Mapping[str, str]) -> MemberData:
    """What a row says. A column that is not there says nothing; an empty cell says that there is none."""
    cells = {name: unguarded(cell.strip()) for name, cell in row.items()}
    codes = cells.get("codes")
    return MemberData(
        kind=cells.get("kind", "").upper() or None,
        name=cells.get("name"),
        email=cells.get("email"),
        phone=cells.get("phone"),
        tier=cells.get("tier"),
        codes=None if codes is None else tuple(map(_code, filter(str.strip, codes.split(CODE_SEPARATOR)))),
    )


class CodesField(Field):
    """`1111-2222|loyalty:LOY-1`: the second opens no gate."""

    def get_value(self, instance: Member) -> str:
        codes = instance.codes.all() if instance.pk else ()
        return CODE_SEPARATOR.join((LOYALTY_ONLY if code.is_loyalty_only else "") + code.value for code in codes)


class MemberResource(ModelResource):
    """Rows become members by the service, which decides; this only says what became of them."""

    codes = CodesField(column_name="codes", attribute="codes")

    class Meta:
        model = Member
        fields = import_order = export_order = COLUMNS
        import_id_fields = ["external_id"]
        report_skipped = True
        use_transactions = True

    def __init__(self, on_row: Callable[[], None] | None = None, actor: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._on_row = on_row
        self._actor = actor

    def import_row(self, row: Any, instance_loader: Any, **kwargs: Any) -> RowResult:
        result = RowResult()
        before = Member.objects.filter(external_id=unguarded(row["external_id"].strip())).first()
        difference = self.get_diff_class()(self, before or Member(kind=""), before is None)
        try:
            saved = save_member(unguarded(row["external_id"].strip()), data_of(row), actor=self._actor)
        except DomainError as error:
            result.import_type = RowResult.IMPORT_TYPE_INVALID
            result.validation_error = ValidationError({error.field or "external_id": [error.message]})
        else:
            result.import_type = _TYPES[saved.outcome]
            result.instance = saved.member
            result.add_instance_info(saved.member)
            difference.compare_with(self, saved.member)
            result.diff = difference.as_html()
        if self._on_row:
            self._on_row()
        return result

    def filter_export(self, queryset: QuerySet[Member], **kwargs: Any) -> QuerySet[Member]:
        """Without those whose data were erased: there is nothing to tell of them."""
        return queryset.filter(anonymized_at__isnull=True).prefetch_related("codes")

    def export_field(self, field: Field, instance: Member, **kwargs: Any) -> str:
        return guarded(str(super().export_field(field, instance, **kwargs)))


def _code(text: str) -> CodeData:
    bare = text.strip()
    return CodeData(bare.removeprefix(LOYALTY_ONLY), is_loyalty_only=bare.startswith(LOYALTY_ONLY))
