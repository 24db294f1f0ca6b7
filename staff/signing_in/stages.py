"""What stands between a password and a session: the second factor."""

from typing import Any

from allauth.mfa.stages import AuthenticateStage
from django.http import HttpRequest


def saw_second_factor(signal_kwargs: dict[str, Any] | None) -> bool:
    """Whether it was a single sign-on whose provider says that it saw one."""
    sign_on = (signal_kwargs or {}).get("sociallogin")
    return sign_on is not None and bool(sign_on.state.get("saw_second_factor"))


class SecondFactorStage(AuthenticateStage):
    """Asks whoever has one, unless the provider of the single sign-on has seen one already."""

    def _should_handle(self, request: HttpRequest) -> bool:
        is_asked: bool = super()._should_handle(request)
        return is_asked and not saw_second_factor(self.login.signal_kwargs)
