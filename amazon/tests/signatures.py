"""What a signature must be, computed by botocore: another program than the one that signs."""

import re

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from amazon.tests.scripted_server import Received

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<day>\d{8})/(?P<region>[^/]+)/execute-api/aws4_request, ?"
    r"SignedHeaders=(?P<headers>[^,]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)


def claim_of(received: Received) -> re.Match[str]:
    """The parts of the header Authorization: key, day, region, headers, signature."""
    claim = _AUTHORIZATION.fullmatch(received.headers["authorization"])
    assert claim, received.headers["authorization"]
    return claim


def expected_signature(url: str, received: Received, secret_key: str) -> str:
    """Of what was received, for the key and the region that it claims."""
    claim = claim_of(received)
    request = AWSRequest(received.method, url + received.target, data=received.body)
    for name in claim["headers"].split(";"):
        request.headers[name] = received.headers[name]
    request.context["timestamp"] = received.headers["x-amz-date"]
    oracle = SigV4Auth(Credentials(claim["key"], secret_key), "execute-api", claim["region"])
    text = oracle.string_to_sign(request, oracle.canonical_request(request))
    return str(oracle.signature(text, request))
