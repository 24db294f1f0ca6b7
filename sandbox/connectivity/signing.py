"""The signature that an API Gateway with IAM wants, made with the keys of the standard AWS chain."""

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.session import get_session
from requests import PreparedRequest
from requests.auth import AuthBase

SIGNED = ("Content-Type", "x-api-key")


class NoAwsKeysError(Exception):
    """The text says where keys are looked for."""


class GatewaySignature(AuthBase):
    """Raises NoAwsKeysError when the chain has no keys."""

    def __init__(self, region: str) -> None:
        credentials = get_session().get_credentials()
        if credentials is None:
            raise NoAwsKeysError(
                "--sigv4-region needs AWS keys: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a role."
            )
        self._signer = SigV4Auth(credentials, "execute-api", region)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        headers = {name: request.headers[name] for name in SIGNED if name in request.headers}
        signed = AWSRequest(request.method, request.url, headers=headers, data=request.body or b"")
        self._signer.add_auth(signed)
        request.headers.update(dict(signed.headers.items()))
        return request
