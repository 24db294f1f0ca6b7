"""Sending a stored call of Amazon's again, through the same view, as if Amazon had."""

from io import BytesIO
from typing import NamedTuple

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpResponse
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from amazon.inbound.calls import REFUSED
from amazon.inbound.views import REPLAY_MARK, ConnectorView
from amazon.models import InboundCall
from core.errors import Conflict


class Replayed(NamedTuple):
    status: int
    answer: str

    @property
    def is_accepted(self) -> bool:
        return self.status < 400


def obstacle_to_replay(call: InboundCall) -> str:
    """Why this call cannot be sent again, in words for staff; empty if it can."""
    if call.status < 400:
        return _("This call was accepted: there is nothing to send again.")
    if call.caller == REFUSED:
        return _("This call came without a key of this connector, so it may be anybody's: it is never sent again.")
    if not call.is_whole:
        return _("Its body was redacted or cut, and what was taken out is not kept: it cannot be sent again from here.")
    if _key() is None:
        return _("No key of this connector is configured (CONNECTOR_API_KEYS).")
    if not _is_of_the_connector(call.endpoint):
        return _("This connector has no %(endpoint)s any more.") % {"endpoint": call.endpoint}
    return ""


def replay(call: InboundCall) -> Replayed:
    """The call again, now. Raises Conflict where an obstacle stands in the way.

    Safe to do twice: whatever Amazon calls may come again. It must not run inside of a transaction, which the view
    would take for its own.
    """
    obstacle = obstacle_to_replay(call)
    if obstacle:
        raise Conflict(obstacle)
    match = resolve(call.endpoint)
    response: HttpResponse = match.func(_request(call), *match.args, **match.kwargs)
    return Replayed(response.status_code, response.content.decode())


def _request(call: InboundCall) -> WSGIRequest:
    body = call.body.encode()
    return WSGIRequest(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": call.endpoint,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_X_API_KEY": _key(),
            "wsgi.input": BytesIO(body),
            REPLAY_MARK: True,
        }
    )


def _key() -> str | None:
    return next((key for key in settings.CONNECTOR_API_KEYS if key), None)


def _is_of_the_connector(path: str) -> bool:
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    return issubclass(getattr(view, "view_class", object), ConnectorView)
