"""What a service raises when it will not do as asked. The text is written for the person who asked."""


class DomainError(Exception):
    """Base of all refusals; `field` names the input at fault, where there is one."""

    def __init__(self, message: str, *, field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(DomainError):
    """The request itself is malformed or asks for something that does not exist."""


class Conflict(DomainError):
    """The request is sound, but the present state of the trip does not allow it."""
