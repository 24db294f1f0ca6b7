"""Files of members: import with a preview, all or nothing, and export. Both need the right to see personal data."""

import re
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from import_export.formats.base_formats import CSV
from import_export.results import Result, RowResult
from import_export.tmp_storages import BaseStorage
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from core.admin import require_right
from core.errors import Invalid
from loyalty.admin.looks import note_member_looks
from loyalty.member_data import CODE_SEPARATOR, LOYALTY_ONLY
from loyalty.models import Member
from loyalty.resources import MemberResource, read_table

MOST_ROWS = 5000
SECONDS_KEPT = 3600
IMPORT_RIGHTS = [
    f"loyalty.{verb}"
    for verb in ("add_member", "change_member", "add_code", "change_code", "delete_code", "view_personal_data")
]
EXPORT_RIGHTS = [f"loyalty.{verb}" for verb in ("view_member", "view_code", "view_personal_data")]
# The preview shows what stands of these members.
_SHOWN = {RowResult.IMPORT_TYPE_UPDATE, RowResult.IMPORT_TYPE_SKIP}
_NAME = re.compile(r"[0-9a-f]{32}")


class HeldFile(BaseStorage):
    """A file between its preview and its import, on this machine's disk. No other file can be named; one that nobody
    confirmed within the hour is deleted by the next upload."""

    def save(self, data: bytes) -> None:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for left in folder.iterdir():
            if time.time() - left.stat().st_mtime > SECONDS_KEPT:
                left.unlink(missing_ok=True)
        self.name = uuid4().hex
        self._path().write_bytes(data)

    def read(self) -> str:
        return self._path().read_text(encoding="utf-8-sig")

    def remove(self) -> None:
        self._path().unlink(missing_ok=True)

    def is_there(self) -> bool:
        return bool(_NAME.fullmatch(self.name or "")) and self._path().is_file()

    def _path(self) -> Path:
        return _folder() / str(self.name)


class MemberImportForm(ImportForm):
    import_file = forms.FileField(
        label=gettext_lazy("File to import"),
        help_text=format_lazy(
            gettext_lazy(
                "CSV in UTF-8 whose first line names its columns. A column left out changes nothing; an empty "
                "cell empties. Codes are separated by “{separator}”, and “{mark}” in front of one marks a card "
                "that opens no gate. You see what will happen before it does."
            ),
            separator=CODE_SEPARATOR,
            mark=LOYALTY_ONLY,
        ),
    )

    def clean_import_file(self) -> Any:
        """What is wrong with the whole file is said before a row is looked at."""
        file = self.cleaned_data["import_file"]
        try:
            table = read_table(file.read())
        except Invalid as error:
            raise forms.ValidationError(error.message) from error
        file.seek(0)
        if not len(table):
            raise forms.ValidationError(_("The file has no row beneath the names of its columns."))
        if len(table) > MOST_ROWS:
            raise forms.ValidationError(
                _("More than %(most_rows)s rows take a command: manage.py import_members FILE.")
                % {"most_rows": f"{MOST_ROWS:,}"}
            )
        return file


class MemberFiles:
    """Part of the member's admin."""

    resource_classes = [MemberResource]
    import_form_class = MemberImportForm
    export_form_class = ExportForm
    tmp_storage_class = HeldFile
    formats = [CSV]
    skip_admin_log = True  # what a file changes is an event of the member, whoever reads it

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(IMPORT_RIGHTS)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perms(EXPORT_RIGHTS)

    def export_action(self, request: HttpRequest) -> HttpResponse:
        for right in EXPORT_RIGHTS:
            require_right(request, right)
        response: HttpResponse = super().export_action(request)  # type: ignore[misc]
        return response

    def get_data_for_export(self, request: HttpRequest, queryset: QuerySet[Member], **kwargs: Any) -> Any:
        data = super().get_data_for_export(request, queryset, **kwargs)  # type: ignore[misc]
        note_member_looks(request, queryset)
        return data

    def get_import_resource_kwargs(self, request: HttpRequest, **kwargs: Any) -> dict[str, Any]:
        common = super().get_import_resource_kwargs(request, **kwargs)  # type: ignore[misc]
        return {**common, "actor": request.user.get_username()}

    def get_import_data_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_import_data_kwargs(**kwargs), "rollback_on_validation_errors": True}  # type: ignore[misc]

    def import_action(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        """A file that cannot be confirmed is not held."""
        for right in IMPORT_RIGHTS:
            require_right(request, right)
        response: Any = super().import_action(request, **kwargs)  # type: ignore[misc]
        file = getattr(response.context_data["form"], "cleaned_data", {}).get("import_file")
        if file is not None and "confirm_form" not in response.context_data:
            HeldFile(name=file.tmp_storage_name).remove()
        if result := response.context_data.get("result"):
            note_member_looks(request, [row.instance for row in result.rows if row.import_type in _SHOWN])
        answer: HttpResponse = response
        return answer

    def process_import(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        for right in IMPORT_RIGHTS:
            require_right(request, right)
        name = request.POST.get("import_file_name", "")
        if not HeldFile(name=name).is_there():
            messages.error(request, _("The file is not held any more. Choose it again."))
            return redirect("admin:loyalty_member_import")
        response: HttpResponse = super().process_import(request, **kwargs)  # type: ignore[misc]
        return response

    def process_result(self, result: Result, request: HttpRequest) -> HttpResponse:
        if result.has_errors() or result.has_validation_errors():
            messages.error(
                request, _("Something has changed meanwhile, and nothing was imported. Look at the file again.")
            )
            return redirect("admin:loyalty_member_import")
        response: HttpResponse = super().process_result(result, request)  # type: ignore[misc]
        return response


def _folder() -> Path:
    folder: Path = settings.VAR_DIR / "uploads"
    return folder
