"""A mail server that takes mails, refuses them or breaks off, as its script says."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.core.mail.backends.smtp import EmailBackend

HANGS_UP = ""
SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


@dataclass
class MailServer:
    """`answers` by command, RCPT or DATA, in place of its “yes”; `mails` are those that reached it whole."""

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    has_mail: Event = field(default_factory=Event)
    may_answer: Event = field(default_factory=Event)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self.answers.get("DATA", "250 OK")
        if answer in {"250 OK", HANGS_UP}:
            self.mails.append(message_from_bytes(bytes(envelope.content or b""), policy=policy.default))
            self.has_mail.set()
        if answer == HANGS_UP:
            server.transport.abort()
        while not self.may_answer.is_set():
            await asyncio.sleep(0.01)
        return answer


@contextmanager
def running_mail_server() -> Iterator[MailServer]:
    script, loop = MailServer(), asyncio.new_event_loop()
    script.may_answer.set()

    async def listen() -> asyncio.Server:
        return await loop.create_server(lambda: SMTP(script, hostname="mail.example", loop=loop), "127.0.0.1", 0)

    server = loop.run_until_complete(listen())
    script.port = server.sockets[0].getsockname()[1]
    thread = Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield script
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


class Killed(BaseException):
    """Not an Exception: nothing between here and the test handles it, as nothing handles the end of a process."""


class DyingBackend(EmailBackend):
    """Hands the mail over and ends before it can say so."""

    def send_messages(self, email_messages: Any) -> int:
        super().send_messages(email_messages)
        raise Killed
