from collections.abc import Iterator
from typing import Any

import pytest

from amazon.outbound import pauses
from payments.tests.mail_server import SMTP_BACKEND, MailServer, running_mail_server
from payments.tests.scripted_host import ScriptedHost, scripted_host


@pytest.fixture(scope="session")
def running_host() -> Iterator[ScriptedHost]:
    with scripted_host() as host:
        yield host


@pytest.fixture
def host(running_host: ScriptedHost) -> ScriptedHost:
    pauses.forget()
    running_host.seen.clear()
    running_host.says(200)
    return running_host


@pytest.fixture(scope="session")
def running_mail() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def mail_server(running_mail: MailServer, settings: Any) -> MailServer:
    running_mail.answers.clear()
    running_mail.mails.clear()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{running_mail.port}"
    settings.EMAIL_BACKEND = SMTP_BACKEND
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", running_mail.port
    return running_mail
