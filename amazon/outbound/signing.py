"""SigV4 for Amazon's APIs. Amazon: faq ("the same AWS IAM based auth"), catalog_api_invoke (service, region)."""

from functools import cache
from threading import local

import boto3
from botocore.credentials import Credentials
from requests_aws4auth import AWS4Auth

SERVICE = "execute-api"

_of_this_thread = local()


class NoCredentials(Exception):
    """The standard AWS chain found no credentials."""


@cache
def _credentials() -> Credentials:
    """The credentials of the standard AWS chain; they refresh themselves."""
    credentials = boto3.Session().get_credentials()
    if credentials is None:
        raise NoCredentials("No AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or attach a role.")
    return credentials


def signer(region: str) -> AWS4Auth:
    """Signs each request for the region as it is sent. One per thread: an AWS4Auth keeps its key in itself."""
    signers: dict[str, AWS4Auth] = _of_this_thread.__dict__.setdefault("signers", {})
    if region not in signers:
        signers[region] = AWS4Auth(region=region, service=SERVICE, refreshable_credentials=_credentials())
    return signers[region]
