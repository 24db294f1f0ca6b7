"""SigV4 for Amazon's APIs. Amazon: faq ("the same AWS IAM based auth"), catalog_api_invoke (service, region, role)."""

from functools import cache, partial

import boto3
from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, Credentials, DeferredRefreshableCredentials
from django.conf import settings
from requests_aws4auth import AWS4Auth

SERVICE = "execute-api"
ROLE_SESSION = "jwo-backoffice"
# A role's credentials hold everywhere, so any region's STS will do where AWS is told of none.
STS_REGION = "us-east-1"


class NoCredentials(Exception):
    """There is nothing to sign with; the text says why."""


def signer(region: str) -> AWS4Auth:
    """Signs one request for the region, with the credentials as they are now. Raises NoCredentials."""
    role: str = settings.AWS_ASSUME_ROLE_ARN
    try:
        keys = _credentials(role).get_frozen_credentials()
    except Exception as error:  # botocore's have no class in common, and whatever it is, nothing has been sent
        what = f"The role {role} could not be assumed" if role else "The call could not be signed"
        raise NoCredentials(f"{what}: {error}") from error
    return AWS4Auth(keys.access_key, keys.secret_key, region, SERVICE, session_token=keys.token)


@cache
def _credentials(role: str) -> Credentials:
    """Those of the standard AWS chain, or of the role that is assumed with them; they renew themselves."""
    session = boto3.Session()
    own = session.get_credentials()
    if own is None:
        raise LookupError("no AWS credentials. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or attach a role.")
    return _assumed(role, session, own) if role else own


def _assumed(role: str, session: boto3.Session, own: Credentials) -> Credentials:
    config = Config(
        connect_timeout=settings.AMAZON_CONNECT_TIMEOUT,
        read_timeout=settings.AMAZON_READ_TIMEOUT,
        # The work row tries again; here a second try would only eat up its lease.
        retries={"total_max_attempts": 1},
    )
    sts = partial(session.client, region_name=session.region_name or STS_REGION, config=config)
    fetcher = AssumeRoleCredentialFetcher(sts, own, role, extra_args={"RoleSessionName": ROLE_SESSION})
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, method="assume-role")
