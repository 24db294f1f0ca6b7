"""Whom the cases are played against, and what that connector knows."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

SECTIONS = ("identity", "loyalty", "details", "authorization", "ordering")


@dataclass(frozen=True)
class Setup:
    """The command's options. An empty text: not known, and the cases that need it are skipped."""

    base_url: str
    key: str
    header: tuple[tuple[str, str], ...]
    sigv4_region: str
    timeout: float
    only: tuple[str, ...]
    store: str
    shopper_code: str
    associate_code: str
    blocked_code: str
    loyalty_code: str
    promotion_store: str
    no_promotion_store: str
    member: str
    app_url: str
    app_key: str
    rate_limit: int
    override_store: str
    holding_store: str
    debtor_shopper_id: str
    unconfigured_store: str
    currency: str
    sku: str
    weight_sku: str
    weight_unit: str


def read_setup(options: Mapping[str, Any]) -> Setup:
    chosen = {field.name: options[field.name] for field in fields(Setup)}
    chosen["header"] = tuple(chosen["header"] or ())
    chosen["app_url"] = chosen["app_url"] or chosen["base_url"]
    return Setup(**chosen)


def add_arguments(parser: ArgumentParser) -> None:
    _add_target(parser)
    _add_gate(parser)
    _add_authorization(parser)
    cart = parser.add_argument_group("ordering")
    cart.add_argument("--sku", default="WATER-500", help="an item that the store sells")
    cart.add_argument("--weight-sku", default="BANANA-KG", help="one that it sells by weight")
    cart.add_argument("--weight-unit", default="kg")


def _add_target(parser: ArgumentParser) -> None:
    parser.add_argument("--base-url", type=_url, default="http://127.0.0.1:8000", help="the address before /v1")
    parser.add_argument("--key", default="demo-connector-key", help="for the header x-api-key; '' sends none")
    parser.add_argument("--store", default="DEMO-CARD", help="its external id in Amazon's portal")
    parser.add_argument("--only", type=_sections, default=SECTIONS, metavar="NAME,...", help=", ".join(SECTIONS))
    parser.add_argument("--header", type=_header, action="append", metavar="'NAME: VALUE'", help="one more; repeatable")
    parser.add_argument(
        "--sigv4-region", default="", metavar="REGION", help="sign for an API Gateway there, with the AWS chain's keys"
    )
    parser.add_argument("--timeout", type=float, default=10, metavar="SECONDS", help="wait so long for an answer")
    parser.add_argument("--json", action="store_true", dest="as_json", help="for machines")


def _add_gate(parser: ArgumentParser) -> None:
    gate = parser.add_argument_group("identity and loyalty ('' skips the cases that need it)")
    gate.add_argument("--shopper-code", default="DEMO-SHOPPER-CODE", help="plain text of a code that lets a shopper in")
    gate.add_argument("--associate-code", default="DEMO-ASSOCIATE-CODE")
    gate.add_argument("--blocked-code", default="DEMO-BLOCKED-CODE", help="a code of somebody who is not let in")
    gate.add_argument("--loyalty-code", default="LOY-DEMO-2", help="plain text of a code that loyalty accepts")
    gate.add_argument("--promotion-store", default="DEMO-COMBO", help="a store where that code has promotions")
    gate.add_argument("--no-promotion-store", default="DEMO-CARD", help="one where it has none")
    gate.add_argument("--member", default="DEMO-MEMBER-1", help="member of this application, for a fresh scan key")
    gate.add_argument("--app-url", type=_url, help="where scan keys are issued; default: --base-url")
    gate.add_argument("--app-key", default="demo-write-key", help="one of its WRITE_API_KEYS")
    gate.add_argument(
        "--rate-limit",
        type=int,
        default=0,
        metavar="N",
        help="its calls per minute (of all web processes); plays case 4",
    )


def _add_authorization(parser: ArgumentParser) -> None:
    authorization = parser.add_argument_group("authorization ('' skips the case that needs it)")
    authorization.add_argument(
        "--override-store", default="DEMO-COMBO", help="a store that ignores Amazon's advice (7a.8)"
    )
    authorization.add_argument(
        "--holding-store", default="DEMO-CARD", help="a store that has less than 50.00 held (7a.10)"
    )
    authorization.add_argument(
        "--debtor-shopper-id", default="DEMO-DEBTOR-CARD", help="Amazon's id of somebody who owes (7a.11)"
    )
    authorization.add_argument(
        "--unconfigured-store", default="DEMO-CHECKOUT", help="a store without configuration (7a.14)"
    )
    authorization.add_argument("--currency", default="USD", help="of the store")


def _url(text: str) -> str:
    if not text.startswith(("http://", "https://")):
        raise ArgumentTypeError(f"{text} does not begin with http:// or https://")
    return text.rstrip("/")


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise ArgumentTypeError(f"{text} is not of the form 'Name: value'")
    return name.strip(), value.strip()


def _sections(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in SECTIONS:
            raise ArgumentTypeError(f"there is no {name}; there are {', '.join(SECTIONS)}")
    return names
