"""Is a cart that comes eight times at once stored once, and does every copy get the same answer?

Apart from the measurement, because wrk does not look at answers: here every answer is read and waited for, so that
the rows can be compared with what was acknowledged, trip by trip.
"""

import asyncio
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from bench.purchases import carts
from bench.purchases.services import Service
from bench.services import API_KEY

COPIES = 8


@dataclass(frozen=True)
class Verdict:
    carts: int
    answers: int
    faults: list[str]


class Caller:
    """One kept-alive HTTP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connected(cls, port: int) -> "Caller":
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def send(self, body: bytes) -> tuple[int, str]:
        """Status and purchase id."""
        head = (
            f"POST {carts.PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            f"x-api-key: {API_KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        self._writer.write(head.encode() + body)
        lines = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
        answer = json.loads(await self._body(headers))
        return int(lines[0].split()[1]), answer.get("purchaseId", str(answer))

    async def _body(self, headers: dict[str, str]) -> bytes:
        if "content-length" in headers:
            return await self._reader.readexactly(int(headers["content-length"]))
        body = b""
        while size := int(await self._reader.readline(), 16):  # chunked
            body += (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()
        return body

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


def verify(service: Service, *, groups: int, storms: int = 200) -> Verdict:
    """Send `storms` carts, each on eight connections at once, `groups` carts at a time; then count the rows."""
    trip_ids = [str(uuid.uuid4()) for _ in range(storms)]
    answers = asyncio.run(_send_storms(service.port, trip_ids, groups))
    faults = []
    for trip_id, copies in answers.items():
        if {status for status, _ in copies} != {201} or len({purchase_id for _, purchase_id in copies}) != 1:
            faults.append(f"{trip_id}: {sorted(set(copies))}")
    purchase_ids = {purchase_id for copies in answers.values() for _, purchase_id in copies}
    if len(purchase_ids) != storms:
        faults.append(f"{len(purchase_ids)} purchase ids for {storms} trips")
    rows, trips = service.stored.count_of(trip_ids)
    if (rows, trips) != (storms, storms):
        faults.append(f"{rows} rows for {trips} trips where {storms} were acknowledged")
    return Verdict(storms, sum(len(copies) for copies in answers.values()), faults)


async def _send_storms(port: int, trip_ids: Sequence[str], groups: int) -> dict[str, list[tuple[int, str]]]:
    template = carts.cart_template(8)
    answers: dict[str, list[tuple[int, str]]] = {}

    async def send_share(share: Sequence[str]) -> None:
        callers = await asyncio.gather(*(Caller.connected(port) for _ in range(COPIES)))
        for trip_id in share:
            copies = (caller.send(carts.cart_body(template, trip_id)) for caller in callers)
            answers[trip_id] = await asyncio.gather(*copies)
        await asyncio.gather(*(caller.close() for caller in callers))

    await asyncio.gather(*(send_share(trip_ids[number::groups]) for number in range(groups)))
    return answers
