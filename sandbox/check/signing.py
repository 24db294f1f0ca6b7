"""How a request is signed: as Amazon wants it, or with one thing wrong. Amazon: catalog_api_invoke, its sample."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TIMESTAMP = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True)
class Keys:
    access_key: str
    secret_key: str


@dataclass(frozen=True)
class Signing:
    """An empty key: the caller's. `host` stands in the Host header, whatever address is called."""

    access_key: str = ""
    secret_key: str = ""
    token: str | None = None
    region: str = "us-east-1"
    service: str = "execute-api"
    age: timedelta = timedelta()
    host: str = ""
    is_missing: bool = False
    is_of_another_body: bool = False

    def headers(self, url: str, body: bytes, keys: Keys) -> dict[str, str]:
        headers = {"Content-Type": "application/json"} | ({"Host": self.host} if self.host else {})
        if self.is_missing:
            return headers
        signed = body + b" " if self.is_of_another_body else body
        request = AWSRequest("POST", url, headers=headers, data=signed)
        access_key, secret_key = self.access_key or keys.access_key, self.secret_key or keys.secret_key
        credentials = Credentials(access_key, secret_key, self.token)
        _Dated(credentials, self.service, self.region, datetime.now(UTC) - self.age).add_auth(request)
        return dict(request.headers.items())


class _Dated(SigV4Auth):
    """As botocore signs, at another time than now."""

    def __init__(self, credentials: Credentials, service: str, region: str, moment: datetime) -> None:
        super().__init__(credentials, service, region)
        self._moment = moment

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._moment.strftime(TIMESTAMP)
        super()._modify_request_before_signing(request)
