"""AWS Signature Version 4, verified the way API Gateway does; botocore computes what the signature should be.

The caller signs for service execute-api in the region that is the first label of the host name (Amazon:
catalog_api_invoke). A host without such a label (127.0.0.1, a container's name) tells no region: the one the caller
signed for is taken, if Just Walk Out runs there. Wordings of the refusals are API Gateway's.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import Message

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.answers import Answer, json_answer, missing_token, not_authorized

SERVICE = "execute-api"
REGIONS = frozenset({"us-east-1", "us-west-2", "eu-west-1", "ap-southeast-1"})
TOLERANCE = timedelta(minutes=5)
TIMESTAMP = "%Y%m%dT%H%M%SZ"
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/, ]+)/(?P<day>\d{8})/(?P<region>[^/, ]+)/(?P<service>[^/, ]+)"
    r"/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key"
    " and signing method. Consult the service documentation for details."
)


class SignatureRefusedError(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.body.decode())
        self.answer = answer


@dataclass(frozen=True)
class Call:
    """One HTTP request as it arrived: `target` is the path with its query, unchanged, because it is signed."""

    method: str
    target: str
    headers: Message
    body: bytes


@dataclass(frozen=True)
class _Claim:
    access_key: str
    day: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str


def verify(call: Call, secrets_by_key: Mapping[str, str]) -> None:
    """Raises SignatureRefusedError with the answer API Gateway would give."""
    claim = _read_claim(call.headers)
    _check_scope(claim, str(call.headers.get("Host", "")))
    _check_age(claim.timestamp)
    secret = secrets_by_key.get(claim.access_key)
    if secret is None:
        raise SignatureRefusedError(not_authorized(claim.access_key, claim.region, call.target))
    _check_payload_digest(call)
    if not hmac.compare_digest(_expected_signature(call, claim, secret), claim.signature):
        raise _refused(MISMATCH)


def _read_claim(headers: Message) -> _Claim:
    authorization = str(headers.get("Authorization", ""))
    if not authorization.startswith("AWS4-HMAC-SHA256"):
        raise SignatureRefusedError(missing_token())
    found = AUTHORIZATION.fullmatch(authorization)
    if found is None:
        raise _refused("Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.")
    timestamp = headers.get("X-Amz-Date")
    if timestamp is None:
        raise _refused("Authorization header requires existence of a 'X-Amz-Date' header.")
    signed_headers = tuple(found["headers"].split(";"))
    amazon_headers = {name.lower() for name in headers if name.lower().startswith("x-amz-")}
    unsigned = ({"host"} | amazon_headers) - set(signed_headers)
    if unsigned:
        raise _refused(f"'{', '.join(sorted(unsigned))}' must be a 'SignedHeader' in the AWS Authorization.")
    return _Claim(
        access_key=found["key"],
        day=found["day"],
        region=found["region"],
        service=found["service"],
        signed_headers=signed_headers,
        signature=found["signature"],
        timestamp=str(timestamp),
    )


def _check_scope(claim: _Claim, host: str) -> None:
    if claim.service != SERVICE:
        raise _refused(f"Credential should be scoped to correct service: '{SERVICE}'.")
    label = host.partition(".")[0]
    allowed = {label} if label in REGIONS else REGIONS
    if claim.region not in allowed:
        raise _refused(f"Credential should be scoped to a valid region, not '{claim.region}'.")
    if claim.day != claim.timestamp[:8]:
        raise _refused("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.")


def _check_age(timestamp: str) -> None:
    """By the true time, never by the sandbox's movable clock: the caller signs with his own."""
    try:
        signed_at = datetime.strptime(timestamp, TIMESTAMP).replace(tzinfo=UTC)
    except ValueError as error:
        raise _refused(f"Date must be in ISO-8601 'basic format'. Got '{timestamp}'.") from error
    now = datetime.now(UTC)
    if signed_at < now - TOLERANCE:
        raise _refused(f"Signature expired: {timestamp} is now earlier than {now - TOLERANCE:{TIMESTAMP}} (5 min.)")
    if signed_at > now + TOLERANCE:
        raise _refused(f"Signature not yet current: {timestamp} is still later than {now + TOLERANCE:{TIMESTAMP}}")


def _check_payload_digest(call: Call) -> None:
    """The signature covers this header instead of the body, so the header must tell the truth about the body."""
    claimed = call.headers.get("X-Amz-Content-SHA256")
    if claimed is not None and str(claimed) != hashlib.sha256(call.body).hexdigest():
        raise _refused(MISMATCH)


def _expected_signature(call: Call, claim: _Claim, secret: str) -> str:
    request = AWSRequest(method=call.method, url=f"http://{call.headers.get('Host')}{call.target}", data=call.body)
    for name in claim.signed_headers:
        for value in call.headers.get_all(name, []):
            request.headers.add_header(name, str(value))
    request.context["timestamp"] = claim.timestamp
    oracle = SigV4Auth(Credentials(claim.access_key, secret), claim.service, claim.region)
    text = oracle.string_to_sign(request, oracle.canonical_request(request))
    return str(oracle.signature(text, request))


def _refused(message: str) -> SignatureRefusedError:
    return SignatureRefusedError(json_answer(403, {"message": message}))
