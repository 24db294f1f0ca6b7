"""Files of members: through the admin with a preview, and by command."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from core.tests.staff import staff_with
from loyalty.models import Code, Member, MemberEvent
from loyalty.resources import COLUMNS
from loyalty.services.erasure import anonymize_member
from loyalty.tests.people import a_member

IMPORT, CONFIRM, EXPORT = (f"/admin/loyalty/member/{part}/" for part in ("import", "process_import", "export"))
HEADER = ",".join(COLUMNS)
ADA = "ada-1,SHOPPER,Ada Demo,ada@example.com,+447700900123,gold,1111-2222|loyalty:LOY-1"
BADGE = "staff-1,associate,,,,,BADGE"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path


def table(*rows: str, header: str = HEADER) -> bytes:
    return "\r\n".join([header, *rows]).encode()


def upload(client: Client, content: bytes) -> Any:
    file = SimpleUploadedFile("members.csv", content, "text/csv")
    return client.post(IMPORT, {"import_file": file, "format": "0", "resource": "0"})


def confirm(client: Client, preview: Any, **changes: str) -> Any:
    return client.post(CONFIRM, preview.context["confirm_form"].initial | changes, follow=True)


def members() -> dict[str, tuple[str, ...]]:
    rows = Member.objects.order_by("external_id")
    return {row.external_id: (row.kind, row.name, row.email, row.phone, row.tier) for row in rows}


def codes() -> set[tuple[str, str, bool]]:
    return set(Code.objects.values_list("member__external_id", "value", "is_loyalty_only"))


EVERYBODY = {
    "ada-1": ("SHOPPER", "Ada Demo", "ada@example.com", "+447700900123", "gold"),
    "staff-1": ("ASSOCIATE", "", "", "", ""),
}
ALL_CODES = {("ada-1", "1111-2222", False), ("ada-1", "LOY-1", True), ("staff-1", "BADGE", False)}


class TestImport:
    def test_the_preview_writes_nothing_and_the_confirmation_all(self, admin_client: Client, own_folder: Path) -> None:
        preview = upload(admin_client, table(ADA, BADGE))

        assert "Ada Demo" in preview.content.decode()
        assert not Member.objects.exists()

        done = confirm(admin_client, preview)

        assert "2 new, 0 updated" in done.content.decode()
        assert (members(), codes()) == (EVERYBODY, ALL_CODES)
        noted = MemberEvent.objects.values_list("member__external_id", "kind", "actor", "fields")
        assert set(noted) == {(key, "added_by_file", "admin", "") for key in EVERYBODY}
        assert not LogEntry.objects.exists()
        assert list((own_folder / "uploads").iterdir()) == []

    def test_columns_that_are_not_there_say_nothing_and_empty_cells_say_none(self, admin_client: Client) -> None:
        a_member("ada-1", "1111-2222", name="Ada", tier="gold")

        confirm(admin_client, upload(admin_client, table("ada-1,,", header="external_id,tier,kind")))

        assert members()["ada-1"] == ("SHOPPER", "Ada", "", "", "")
        assert codes() == {("ada-1", "1111-2222", False)}

    def test_an_excel_file_with_its_mark_and_quotes_is_read(self, admin_client: Client) -> None:
        content = b"\xef\xbb\xbf" + table('"ada-1","Demo, Ada"', "", header="external_id,name")

        confirm(admin_client, upload(admin_client, content))

        assert members()["ada-1"][1] == "Demo, Ada"

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (",SHOPPER,,,,,", "A member needs an external id."),
            ("a/b,SHOPPER,,,,,", "must not contain “/”"),
            ("bob,ROBOT,,,,,", "“ROBOT” is none of SHOPPER, ASSOCIATE."),
            ("bob,,,nobody,,,", "This is no e-mail address."),
            ("bob,,,,call me,,", "This is no phone number."),
            ("bob,,,,,,BADGE|BADGE", "“BADGE” stands twice among the codes."),
            ("bob,,,,,,1111-2222", "“1111-2222” stands for member ada-1 already."),
            ("anonymous-7,,,,,,", "is kept for members whose data were erased."),
        ],
    )
    def test_a_wrong_row_is_named_and_nothing_can_be_confirmed(
        self, admin_client: Client, own_folder: Path, row: str, words: str
    ) -> None:
        preview = upload(admin_client, table(ADA, row))

        assert words in preview.content.decode()
        assert preview.context.get("confirm_form") is None
        assert not Member.objects.exists()
        assert list((own_folder / "uploads").iterdir()) == []

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "empty"),
            (table(), "no row beneath"),
            (table("x", header="name"), "The column external_id is missing."),
            (table("x,y", header="external_id,shoe size"), "There is no column “shoe size”."),
            (table("x;y", header="external_id;name"), "with commas between them"),
            (table("x,y", header="external_id,external_id"), "A column stands twice"),
            (table("x,y,z", header="external_id,name"), "Row 1 has 3 cells, but there are 2 columns."),
            (b"\xff\xfe\x00x", "It must be CSV in UTF-8"),
            (table("a\0b", header="external_id"), "the character NUL"),
            (table('"x', header="external_id"), "It must be CSV"),
        ],
    )
    def test_a_file_that_is_no_table_of_members_is_refused(
        self, admin_client: Client, content: bytes, words: str
    ) -> None:
        answer = upload(admin_client, content)

        assert answer.status_code == 200
        assert words in answer.content.decode()
        assert not Member.objects.exists()

    def test_what_became_impossible_since_the_preview_imports_nothing(self, admin_client: Client) -> None:
        preview = upload(admin_client, table(BADGE, ADA))
        a_member("bob", "1111-2222")

        done = confirm(admin_client, preview)

        assert "nothing was imported" in done.content.decode()
        assert set(members()) == {"bob"}

    @pytest.mark.parametrize("name", ["", "nothing", "../../etc/passwd", "0" * 32])
    def test_only_a_file_that_was_previewed_can_be_confirmed(self, admin_client: Client, name: str) -> None:
        sent = {"import_file_name": name, "original_file_name": "x.csv", "format": "0", "resource": "0"}

        assert "Choose it again" in admin_client.post(CONFIRM, sent, follow=True).content.decode()

    def test_importing_needs_its_rights(self, client: Client) -> None:
        a_member()
        client.force_login(staff_with("loyalty.view_member", "loyalty.add_member", "loyalty.change_member"))

        assert client.get(IMPORT).status_code == 403
        assert upload(client, table(ADA)).status_code == 403
        assert client.post(CONFIRM, {}).status_code == 403
        assert IMPORT not in client.get("/admin/loyalty/member/").content.decode()


class TestExport:
    def test_what_is_exported_can_be_imported_and_changes_nothing(self, admin_client: Client) -> None:
        confirm(admin_client, upload(admin_client, table(ADA, BADGE)))
        anonymize_member(a_member("gone"))

        content = admin_client.post(EXPORT, {"format": "0", "resource": "0"}).content

        lines = content.decode().split()
        assert lines[0] == HEADER
        assert len(lines) == 4  # “Ada Demo” has a blank
        again = confirm(admin_client, upload(admin_client, content))
        assert "0 new, 0 updated, 0 deleted and 2 skipped" in again.content.decode()

    @pytest.mark.parametrize("start", ["=", "+", "-", "@"])
    def test_no_cell_is_a_formula_and_none_is_lost(self, admin_client: Client, start: str) -> None:
        a_member("ada-1", f"{start}CODE", name=f"{start}1+1", phone="+447700900123")

        content = admin_client.post(EXPORT, {"format": "0", "resource": "0"}).content

        cells = content.decode().splitlines()[1].split(",")
        assert cells == ["ada-1", "SHOPPER", f"'{start}1+1", "", "'+447700900123", "", f"'{start}CODE"]
        assert "1 skipped" in confirm(admin_client, upload(admin_client, content)).content.decode()

    def test_the_list_is_exported_as_it_is_filtered(self, admin_client: Client) -> None:
        a_member("ada-1")
        a_member("staff-1", kind="ASSOCIATE")

        content = admin_client.post(f"{EXPORT}?kind__exact=ASSOCIATE", {"format": "0", "resource": "0"}).content

        assert b"staff-1" in content
        assert b"ada-1" not in content

    def test_exporting_needs_the_right_to_see_personal_data(self, client: Client) -> None:
        client.force_login(staff_with("loyalty.view_member", "loyalty.view_code"))

        assert client.get(EXPORT).status_code == 403
        assert client.post(EXPORT, {"format": "0", "resource": "0"}).status_code == 403


class TestCommand:
    def run(self, path: Path, *arguments: str) -> str:
        output = io.StringIO()
        call_command("import_members", str(path), *arguments, stdout=output)
        return output.getvalue()

    def test_it_says_what_was_created_updated_and_left(self, tmp_path: Path) -> None:
        path = tmp_path / "members.csv"
        path.write_bytes(table(ADA, BADGE))
        assert "2 created, 0 updated, 0 unchanged. Nothing was written" in self.run(path, "--dry-run")
        assert not Member.objects.exists()

        assert "2 created, 0 updated, 0 unchanged." in self.run(path)
        assert (members(), codes()) == (EVERYBODY, ALL_CODES)
        path.write_bytes(table(ADA.replace("gold", "silver"), BADGE, "new,,,,,,"))
        assert "1 created, 1 updated, 1 unchanged." in self.run(path)
        assert members()["ada-1"][4] == "silver"

    def test_one_wrong_row_and_nothing_is_written(self, tmp_path: Path) -> None:
        path = tmp_path / "members.csv"
        path.write_bytes(table(ADA, "bob,,,nobody,,,", ",,,,,,"))

        with pytest.raises(CommandError) as refused:
            self.run(path)

        assert "Row 2: email: This is no e-mail address." in str(refused.value)
        assert "Row 3: external_id" not in str(refused.value)  # an empty line is no row
        assert "Nothing was imported." in str(refused.value)
        assert not Member.objects.exists()

    def test_of_very_many_errors_some_are_shown(self, tmp_path: Path) -> None:
        path = tmp_path / "members.csv"
        path.write_bytes(table(*["x,ROBOT,,,,,"] * 60))

        with pytest.raises(CommandError, match="and 10 more"):
            self.run(path)

    def test_a_file_that_is_not_there_is_said_to_be_so(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match=r"nothing\.csv"):
            self.run(tmp_path / "nothing.csv")
