"""What stands on a page of the reports."""

from typing import Any

from django.test import Client


def block_of(client: Client, address: str, currency: str = "USD") -> Any:
    answer = client.get(address)
    assert answer.status_code == 200, answer
    return next(block for block in answer.context["report"].blocks if block.currency == currency)


def cards_of(block: Any) -> dict[str, Any]:
    return {card.key: card for card in block.cards}


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())
