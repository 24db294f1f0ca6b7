"""What a program under test has stored."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.databases import Database
from bench.purchases import carts
from bench.services import Server


@dataclass(frozen=True)
class Stored:
    """Where the program's carts can be counted by SQL."""

    database: Database
    trips: str
    trip_id_column: str
    parts: str
    parts_per_line: bool  # the parts are lines; otherwise one row with the body for each trip

    def count(self) -> tuple[int, int]:
        """Trips, and the parts that hang on them."""
        query = f"SELECT (SELECT count(*) FROM {self.trips}), (SELECT count(*) FROM {self.parts})"
        with self.database.connect() as connection:
            trips, parts = connection.execute(query).fetchone()
        return trips, parts

    def count_of(self, trip_ids: Sequence[str]) -> tuple[int, int]:
        """Rows for these trips, and how many different trips they are for."""
        column = self.trip_id_column
        query = f"SELECT count(*), count(DISTINCT {column}) FROM {self.trips} WHERE {column} = ANY(%s)"
        with self.database.connect() as connection:
            rows, trips = connection.execute(query, [list(trip_ids)]).fetchone()
        return rows, trips


@dataclass(frozen=True)
class Service:
    server: Server
    stored: Stored

    @property
    def name(self) -> str:
        return self.server.name

    @property
    def port(self) -> int:
        return self.server.port

    @property
    def url(self) -> str:
        return self.server.url_of(carts.PATH)
