"""allauth's forms for passkeys, which take any JSON for a browser's answer and fail on most of it."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms

_NO_ANSWER_OF_A_BROWSER = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def _or_refuse(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except _NO_ANSWER_OF_A_BROWSER as error:
        raise get_adapter().validation_error("incorrect_code") from error


class AddPasskey(forms.AddWebAuthnForm):
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = _or_refuse(super().clean)
        return cleaned


class _ShowPasskey(forms.AuthenticateWebAuthnForm):
    def clean_credential(self) -> Authenticator:
        return _or_refuse(super().clean_credential)


class ShowPasskey(_ShowPasskey):
    """After the password."""


class SignInByPasskey(_ShowPasskey, forms.LoginWebAuthnForm):
    """Instead of one."""


class ShowPasskeyAgain(_ShowPasskey, forms.ReauthenticateWebAuthnForm):
    """Before something that matters."""
