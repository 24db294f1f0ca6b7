"""The life of a large file: asked for by a person, written by a worker, taken away, and deleted in time."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from tempfile import TemporaryFile
from typing import IO

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from core.errors import Conflict
from core.work import LeaseLost
from reports.exports.formats import WRITERS
from reports.exports.rows import SOURCES, batches, count
from reports.models.exports import ReportFile
from reports.pages.page import Row
from reports.periods import Period
from reports.query import Query
from reports.rights import RIGHT
from staff.models import NotificationKind, User
from staff.services.notifications import notify
from stores.models import Store

# Of one person, at a time.
MOST_WAITING = 5
_TRIES = 5
_BROKEN = "Something is wrong here; the log of the worker says what. Ask for it again."
_NO_RIGHT = "You may not see these rows any more, or not all of these stores."
FOLDER = "report-files"

State = ReportFile.State
logger = logging.getLogger(__name__)


def ask_for_file(person: User, what: str, extension: str, query: Query) -> ReportFile:
    """Raises Conflict while too many files of this person are being written."""
    if files_of(person).filter(state=State.WAITING).count() >= MOST_WAITING:
        raise Conflict(f"{MOST_WAITING} files of yours are being written already. Wait until one is ready.")
    file = ReportFile(
        person=person,
        what=what,
        extension=extension,
        first=query.period.first,
        last=query.period.last,
        stores=query.store_ids,
        rows_expected=count(what, query),
        next_attempt_at=Now(),
    )
    with transaction.atomic():
        file.save()
        note_export(person, file, "Asked for")
    return file


def note_export(person: User, file: ReportFile, done: str) -> None:
    """For “Who did what”, whose readers may not see these stores: how many, and not which."""
    number = len(file.stores)
    said = f"{done} {file}, {number} store{'' if number == 1 else 's'}"
    LogEntry.objects.create(user=person, object_repr=str(file), action_flag=CHANGE, change_message=said)


def files_of(person: User) -> QuerySet[ReportFile]:
    """Newest first."""
    return ReportFile.objects.filter(person=person)


def stores_of_file(file: ReportFile) -> list[Store]:
    return list(Store.objects.filter(pk__in=file.stores).order_by("name", "pk"))


def may_have(person: User, file: ReportFile) -> bool:
    """Whether this person, whose file it is, still has the rights for it and sees all of its stores."""
    has_rights = person.is_active and person.has_perms([RIGHT, SOURCES[file.what].right])
    return has_rights and (person.is_everywhere or person.store_ids.issuperset(file.stores))


def write_file(row: ReportFile) -> None:
    """Write a leased file. Each batch of rows, and each part of it that the storage takes, makes the lease last anew.
    Raises LeaseLost when another worker has it."""
    try:
        _write(row)
    except LeaseLost:
        raise
    except Exception:
        if row.failed_attempts + 1 < _TRIES:
            raise
        logger.exception("%s of %s could not be written", row, row.person)
        _end(row, problem=_BROKEN)


def _write(row: ReportFile) -> None:
    for number in range(1, row.lease_count + 1):  # what a worker left behind that was killed
        default_storage.delete(_name(row, number))
    if not may_have(row.person, row):
        _end(row, problem=_NO_RIGHT)
        return
    with TemporaryFile(prefix="report-file-") as output:
        stores = stores_of_file(row)
        WRITERS[row.extension](output, _notes(row, stores), SOURCES[row.what].columns, _rows(row, stores))
        _end(row, output=output)


def _rows(row: ReportFile, stores: list[Store]) -> Iterator[Row]:
    done = 0
    _advance(row, done)
    for batch in batches(row.what, stores, Period(row.first, row.last)):
        yield from batch
        done += len(batch)
        _advance(row, done)
    _advance(row, done)  # the workbook is closed now, all at once


def _advance(row: ReportFile, done: int) -> None:
    ours = ReportFile.objects.filter(pk=row.pk, lease_count=row.lease_count)
    until = Now() + timedelta(seconds=settings.WORK_LEASE_SECONDS)
    if not ours.update(rows_done=done, next_attempt_at=until):
        raise LeaseLost(f"ReportFile {row.pk}")
    row.rows_done = done


class _Output(File):  # type: ignore[type-arg]
    """A written file on its way to the storage."""

    DEFAULT_CHUNK_SIZE = 2**20

    def __init__(self, output: IO[bytes], row: ReportFile) -> None:
        super().__init__(output)
        self._row = row

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(chunk_size):
            _advance(self._row, self._row.rows_done)
            yield chunk


def _end(row: ReportFile, *, output: IO[bytes] | None = None, problem: str = "") -> None:
    """The whole file is put into the storage before the row names it. Raises LeaseLost."""
    size = 0 if output is None else output.seek(0, 2)
    name = "" if output is None else _name(row, row.lease_count)
    try:
        if output is not None:
            _advance(row, row.rows_done)
            name = default_storage.save(name, _Output(output, row))
        with transaction.atomic():
            locked = ReportFile.locked(row.pk, lease_count=row.lease_count)
            locked.state = State.FAILED if problem else State.DONE
            locked.problem, locked.name, locked.size = problem, name, size
            locked.finished_at = Now()
            locked.rest()
            locked.save()
            _tell(row, problem)
    except LeaseLost:
        if name:
            default_storage.delete(name)
        raise


def _tell(row: ReportFile, problem: str) -> None:
    title = f"{row}: {problem}" if problem else f"{row} is ready: {row.rows_done:,} rows"
    notify([row.person], NotificationKind.JOB, title, reverse("report-files"))


def _notes(row: ReportFile, stores: list[Store]) -> list[tuple[str, str]]:
    zones = sorted({store.time_zone for store in stores})
    return [
        ("Rows", row.get_what_display()),
        ("Days", str(Period(row.first, row.last))),
        ("Stores", ", ".join(store.name for store in stores)),
        ("Days end at midnight in", ", ".join(zones)),
        ("Asked for by", str(row.person)),
        ("Asked for at", f"{row.asked_at:%Y-%m-%d %H:%M:%S} UTC"),
    ]


def _name(row: ReportFile, lease_count: int) -> str:
    return f"{FOLDER}/{row.pk}-{lease_count}.{row.extension}"


def forget_old_files() -> int:
    """Delete files, and what is known of them, FILES_KEPT_DAYS after they were asked for. Returns how many."""
    old = ReportFile.objects.filter(asked_at__lt=Now() - timedelta(days=settings.FILES_KEPT_DAYS))
    found = list(old.exclude(state=State.WAITING).order_by("asked_at"))
    for file in found:
        for number in range(1, file.lease_count + 1):
            default_storage.delete(_name(file, number))
        if file.name:  # the storage may have chosen another
            default_storage.delete(file.name)
        file.delete()
    return len(found)
