from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from itertools import islice, repeat
from pathlib import Path
from random import Random, SystemRandom
from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox.cart_files import CartFileError, read_cart, with_new_ids
from sandbox.connector import ConnectorError
from sandbox.control_client import SandboxUnreachableError
from sandbox.gate import Gate
from sandbox.random_carts import Cart
from sandbox.random_visits import Visit, random_visits
from sandbox.shops import SHOPS, shop_of


class Command(BaseCommand):
    help = "Sends finished trips to the connector, as Amazon's gate does; random ones ask at the gate before."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", type=Path, help="a cart as JSON; Amazon's placeholders are filled in")
        parser.add_argument("--random", action="store_true", help="random visits of the demo stores")
        parser.add_argument("--count", type=int, help="how many trips; 1, or without end with --per-minute")
        parser.add_argument("--per-minute", type=float, help="keep sending at this pace until stopped")
        parser.add_argument("--store", help="store id (file: DEMO-CARD; random: any demo store)")
        parser.add_argument("--sku", default="WATER-500", help="for <TEST_SKU> and <SAMPLE_SKU>")
        parser.add_argument("--new-ids", action="store_true", help="a file's cart as a new trip each time")
        parser.add_argument("--connector-url", default="http://127.0.0.1:8000")
        parser.add_argument("--key", default="demo-connector-key", help="one of the connector's CONNECTOR_API_KEYS")
        parser.add_argument(
            "--app-key", default="demo-write-key", help="one of WRITE_API_KEYS: scan keys for app users"
        )
        parser.add_argument("--sandbox-url", default="http://127.0.0.1:9000")
        parser.add_argument("--seed", type=int, help="repeats the random visits of an earlier run, ids included")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["file"]) == options["random"]:
            raise CommandError("Give a cart's FILE, or --random.")
        per_minute = options["per_minute"]
        if per_minute is not None and per_minute <= 0:
            raise CommandError("--per-minute is above 0.")
        count = options["count"] if options["count"] or per_minute else 1
        gate = Gate(options["connector_url"], options["key"], options["sandbox_url"], app_key=options["app_key"])
        try:
            with closing(gate):
                for sent in islice(self._planned(options), count):
                    self._send(gate, sent, goes_on=per_minute is not None)
                    if per_minute:
                        sleep(60 / per_minute)
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
        except (ConnectorError, SandboxUnreachableError, CartFileError, ValueError) as error:
            raise CommandError(str(error)) from error

    def _planned(self, options: dict[str, Any]) -> Iterator[Cart | Visit]:
        dice = SystemRandom() if options["seed"] is None else Random(options["seed"])
        if options["random"]:
            shop = shop_of(options["store"]) if options["store"] else None
            if options["store"] and shop is None:
                raise CommandError(f"--random knows the stores {', '.join(shop.store_id for shop in SHOPS)}.")
            return random_visits(dice, shop)
        cart = read_cart(options["file"], store_id=options["store"] or "DEMO-CARD", sku=options["sku"])
        if options["new_ids"]:
            return (with_new_ids(each, dice) for each in repeat(cart))
        return repeat(cart)

    def _send(self, gate: Gate, sent: Cart | Visit, *, goes_on: bool) -> None:
        """What a later trip may get through is told and passed over when the sending goes on."""
        try:
            self.stdout.write(str(gate.visit(sent) if isinstance(sent, Visit) else gate.send(sent)))
        except (ConnectorError, SandboxUnreachableError) as error:
            if not goes_on or not getattr(error, "may_pass", True):
                raise
            self.stderr.write(str(error))
