"""Handing one mail to the mail server, and what became of it."""

import smtplib

from django.core.mail import EmailMessage, get_connection

from amazon.inbound.redaction import mask_text

_KEPT_CHARACTERS = 300


class NotTaken(Exception):
    """The mail server has not got it: it was not reached, or it said so. `is_final`: nor will it take it later."""

    def __init__(self, message: str, *, is_final: bool = False) -> None:
        super().__init__(message)
        self.is_final = is_final


class NoAnswer(Exception):
    """The connection ended before the mail server said whether it took it."""


def hand_over(message: EmailMessage) -> None:
    """To one recipient. Raises NotTaken or NoAnswer, in words for staff and without addresses."""
    server = get_connection()
    try:
        try:
            server.open()
        except (OSError, smtplib.SMTPException) as error:
            raise NotTaken(f"The mail server could not be reached: {_text(error)}") from error
        try:
            server.send_messages([message])
        except (OSError, smtplib.SMTPException) as error:
            raise _failure(error) from error
        except ValueError as error:  # an address or a header that is none, such as of DEFAULT_FROM_EMAIL
            raise NotTaken(f"The mail could not be written: {_text(error)}", is_final=True) from error
    finally:
        server.close()


def _failure(error: Exception) -> NotTaken | NoAnswer:
    """Only a code that means “no” is certain: with any other, or none, the mail may be on its way."""
    code, said = _reply(error)
    if 400 <= code < 600:
        return NotTaken(f"The mail server answered {code} {_text(said)}", is_final=code >= 500)
    return NoAnswer(f"The mail server did not say whether it took the mail: {_text(said)}")


def _reply(error: Exception) -> tuple[int, object]:
    match error:
        case smtplib.SMTPRecipientsRefused():
            code, said = next(iter(error.recipients.values()))
            return code, said
        case smtplib.SMTPResponseException():
            return error.smtp_code, error.smtp_error
        case _:
            return 0, error


def _text(said: object) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return mask_text(" ".join(text.replace("\0", "").split()))[:_KEPT_CHARACTERS]
