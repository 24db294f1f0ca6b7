"""What Amazon does with an upload: it takes it in, and tells later what became of it (Amazon: upload_catalog,
get_catalog_upload_status).

Here time does not pass for an upload by itself: it is INQUEUE when asked about first, INPROGRESS then, DONE after. The
report's link appears with DONE and leads to the sandbox's own doors; its content is ours, Amazon's was not seen.
"""

from uuid import uuid4

from sandbox.book_file import BookFile
from sandbox.clock import Clock
from sandbox.validation import Fields, require
from sandbox.wire import decode, encode

TABLE = """
CREATE TABLE IF NOT EXISTS uploads (
    ingestion_id TEXT PRIMARY KEY, received_at TEXT NOT NULL, items BLOB NOT NULL, asked INTEGER NOT NULL);
"""
STATUSES = ("INQUEUE", "INPROGRESS", "DONE")
REPORTS = "/sandbox/catalog/"


class CatalogEngine:
    def __init__(self, file: BookFile, clock: Clock, url: str) -> None:
        """`url` is where the sandbox's own doors are, for the link to the report."""
        self._file = file
        self._clock = clock
        self._url = url
        file.create(TABLE)

    def upload(self, items: list[Fields]) -> dict[str, object]:
        ingestion_id = str(uuid4())
        row = (ingestion_id, self._clock.now().isoformat(), encode(items), 0)
        self._file.execute("INSERT INTO uploads VALUES (?, ?, ?, ?)", row)
        return {"ingestionId": ingestion_id}

    def status(self, ingestion_id: str) -> dict[str, object]:
        """Raises RejectedError for an upload that never came."""
        with self._file.transaction():
            rows = self._file.execute("SELECT asked FROM uploads WHERE ingestion_id = ?", (ingestion_id,))
            require(bool(rows))
            self._file.execute("UPDATE uploads SET asked = asked + 1 WHERE ingestion_id = ?", (ingestion_id,))
        status = STATUSES[min(rows[0][0], len(STATUSES) - 1)]
        if status != STATUSES[-1]:
            return {"processingStatus": status}
        return {"processingStatus": status, "reportDownloadLink": f"{self._url}{REPORTS}{ingestion_id}"}

    def report(self, ingestion_id: str) -> dict[str, object] | None:
        rows = self._file.execute("SELECT received_at, items FROM uploads WHERE ingestion_id = ?", (ingestion_id,))
        if not rows:
            return None
        received_at, items = rows[0]
        return {"ingestion_id": ingestion_id, "received_at": received_at, "items": decode(items)}
