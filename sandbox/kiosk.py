"""The receipt kiosk: shoppers who left their e-mail there (Amazon: get_shopper_identity).

An unknown shopper is no error: 200 with an empty object (Amazon shows the 200 and not its body; the rest is our
reading).
"""

import re
from collections.abc import Iterable

from sandbox.book_file import BookFile
from sandbox.validation import NAME, read_object, read_text

SHOPPER_ID = re.compile(r"[0-9a-zA-Z_.-]{1,255}")
EMAIL = re.compile(r"(?=.{1,128}$)[A-Z0-9a-z._%+-]+@[A-Za-z0-9.-]+[.]+[A-Za-z]+")
TABLE = "CREATE TABLE IF NOT EXISTS shoppers (shopper_id TEXT PRIMARY KEY, email TEXT NOT NULL);"


class Kiosk:
    def __init__(self, file: BookFile) -> None:
        self._file = file
        file.create(TABLE)

    def register(self, content: object) -> int:
        """All of them or, when one cannot be read, none. A later e-mail replaces an earlier one. Raises ValueError."""
        shoppers = list(_read_registrations(content))
        with self._file.transaction():
            for shopper in shoppers:
                self._file.execute("INSERT OR REPLACE INTO shoppers VALUES (?, ?)", shopper)
        return len(shoppers)

    def identity(self, shopper_id: str) -> dict[str, object]:
        rows = self._file.execute("SELECT email FROM shoppers WHERE shopper_id = ?", (shopper_id,))
        return {"shopperEmail": rows[0][0]} if rows else {}


def read_shopper(body: object) -> str:
    """The shopper's id."""
    fields = read_object(body)
    read_text(fields, "storeId", NAME)
    return read_text(read_object(fields.get("shopperId")), "id", SHOPPER_ID)


def _read_registrations(content: object) -> Iterable[tuple[str, str]]:
    shoppers = content.get("shoppers") if isinstance(content, dict) else None
    if not isinstance(shoppers, list):
        raise ValueError('expected {"shoppers": [{"shopperId": "...", "email": "..."}]}')
    for shopper in shoppers:
        fields = shopper if isinstance(shopper, dict) else {}
        shopper_id, email = str(fields.get("shopperId", "")), str(fields.get("email", ""))
        if not SHOPPER_ID.fullmatch(shopper_id) or not EMAIL.fullmatch(email):
            raise ValueError("a shopper is {shopperId, email}, in Amazon's patterns (get_shopper_identity)")
        yield shopper_id, email
