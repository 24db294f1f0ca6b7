"""How a call to Amazon can fail, by what the caller may do next."""


class AmazonError(Exception):
    """Any call to Amazon that did not succeed. The text is fit for staff."""


class NotSent(AmazonError):
    """The request never reached Amazon, or Amazon put it off (429): nothing has happened, try again later."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class HostPaused(NotSent):
    """The request was not even tried: the host is to be left alone for a while (amazon.outbound.pauses)."""

    def __init__(self) -> None:
        super().__init__("Amazon is left alone for a moment.")


class OutcomeUnknown(AmazonError):
    """The request was sent, but no usable answer came (time-out, cut connection, 5xx): Amazon may have acted or not."""


class Refused(AmazonError):
    """Amazon will not do it, and the same request will not be accepted later (400, 403 and the like)."""


class UnknownTrip(Refused):
    """400 UnknownShoppingTrip."""


class TripExpired(Refused):
    """ShoppingTripExpiredException: the card's token has ended. Amazon: payment_processing."""
