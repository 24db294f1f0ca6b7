"""The settings of the tests: no file and no variable of a developer's machine but the database and the broker."""

import os

_TEST_ENVIRONMENT = {
    "ENV_FILE": os.devnull,
    "DEBUG": "off",
    "SECRET_KEY": "only-for-tests",
    "CONNECTOR_API_KEYS": "test-connector-key",
    "READ_API_KEYS": "test-read-key",
    "WRITE_API_KEYS": "test-write-key",
    "AWS_ACCESS_KEY_ID": "test-access-key",
    "AWS_SECRET_ACCESS_KEY": "test-secret-key",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_ASSUME_ROLE_ARN": "",
    # Nobody listens there: a test that calls Amazon names its sandbox.
    "AMAZON_PAYMENTS_URL": "http://127.0.0.1:9",
    "AMAZON_CHECKOUT_URL": "http://127.0.0.1:9",
    "AMAZON_FEEDBACK_URL": "http://127.0.0.1:9",
    "AMAZON_CATALOG_URL": "http://127.0.0.1:9",
    "EMAIL_URL": "",
    "OIDC_ISSUER": "",
    "OIDC_ONLY": "off",
    "OIDC_GROUPS": "",
    "MFA_REQUIRED_FOR_MONEY": "off",  # the tests of signing in turn it on
    "WORK_CONCURRENCY": "1",
    "WORK_CALLS": "1",
    "JOURNAL_DELAY_SECONDS": "0",
    "IDENTITY_CALLS_PER_MINUTE": "0",
    "LOG_LEVEL": "ERROR",
}
os.environ.update(_TEST_ENVIRONMENT)

from jwo_backoffice.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # looks for files when asked, so that no collected folder is needed
