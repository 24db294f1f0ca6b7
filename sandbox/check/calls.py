"""One call to the host under test: signed by botocore, sent by http.client on a connection of its own."""

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import gaierror
from time import monotonic
from urllib.parse import urlsplit

from sandbox.check.signing import Keys, Signing
from sandbox.connectivity.calls import Reply, Trouble


@dataclass(frozen=True)
class Caller:
    """`timeout` is in seconds."""

    url: str
    keys: Keys
    timeout: float

    def send(self, route: str, body: bytes, signing: Signing) -> Reply:
        """Never raises for what the other side does. Names of headers come back in lower case."""
        address = urlsplit(self.url)
        kind = HTTPSConnection if address.scheme == "https" else HTTPConnection
        signed = signing.headers(self.url + route, body, self.keys)
        connection = kind(address.netloc, timeout=self.timeout)
        began = monotonic()
        try:
            connection.request("POST", address.path + route, body, signed)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, HTTPException) as error:
            return Reply(status=0, ms=_since(began), trouble=_trouble(error))
        finally:
            connection.close()
        headers = {name.lower(): value for name, value in answer.getheaders()}
        return Reply(answer.status, _since(began), content, headers)


def _since(began: float) -> int:
    return round((monotonic() - began) * 1000)


def _trouble(error: Exception) -> Trouble:
    kinds = {
        TimeoutError: Trouble.TIMED_OUT,
        ConnectionRefusedError: Trouble.REFUSED,
        gaierror: Trouble.UNKNOWN_HOST,
        ssl.SSLError: Trouble.TLS,
    }
    return next((trouble for kind, trouble in kinds.items() if isinstance(error, kind)), Trouble.BROKEN)
