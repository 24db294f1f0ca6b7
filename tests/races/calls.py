"""Amazon's calls, each answered before API Gateway gives up, or TimeoutError."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection

from tests.races.deliveries import HEADERS
from tests.races.processes import HERE

LONGEST_CALL_SECONDS = 29.0

# Status, and what Retry-After says.
Heard = tuple[int, str]


def call(port: int, path: str, body: bytes) -> Heard:
    line = HTTPConnection(HERE, port, timeout=LONGEST_CALL_SECONDS)
    try:
        line.request("POST", path, body, HEADERS)
        response = line.getresponse()
        response.read()
        return response.status, response.headers.get("Retry-After", "")
    finally:
        line.close()


def call_at_once(port: int, path: str, bodies: list[bytes]) -> Counter[Heard]:
    with ThreadPoolExecutor(len(bodies)) as threads:
        return Counter(threads.map(lambda body: call(port, path, body), bodies))
