"""The database is there and does not serve (reliability.md, row 11): Amazon is told to try again, and loses nothing."""

import json
import select
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from orders.models import Cart, Trip
from payments.models import GateDecision
from payments.tests.gate_calls import GATE, question, rules_of
from payments.tests.trips import a_store, cart_body
from stores.models import Store
from tests.races.calls import call, call_at_once
from tests.races.deliveries import PATH, Delivery
from tests.races.postgres_cluster import Cluster
from tests.races.processes import Web, database_url, running_web
from tests.races.scene import STORE, Scene, prepared

pytestmark = pytest.mark.services

CARTS = 8


@pytest.mark.django_db(transaction=True)
class TestAPersonHoldsALock:
    @pytest.fixture
    def store(self) -> Store:
        store = a_store("TEST-LOCKS")
        rules_of(store)
        return store

    @pytest.fixture
    def patient_web(self, tmp_path: Path) -> Iterator[Web]:
        application = "tests.races.patient_database:application"
        with running_web(database_url(), tmp_path / "web.log", application=application) as web:
            yield web

    @contextmanager
    def lock(self, *tables: str) -> Iterator[None]:
        with psycopg.connect(database_url()) as person:
            person.execute(f"LOCK TABLE {', '.join(tables)} IN ACCESS EXCLUSIVE MODE")
            yield

    def test_amazon_is_told_to_try_again_and_the_gate_falls_back(
        self, web: Web, patient_web: Web, store: Store
    ) -> None:
        """With its negative control at the same lock: without time-outs in the database nobody hears anything."""
        bodies = [cart_body(store, str(uuid4()), (("1.50", "1"),)) for _ in range(CARTS)]
        questions = [json.dumps(question(store.external_id)).encode() for _ in range(CARTS)]
        with self.lock("orders_trip", "payments_gaterules"):
            kept_waiting = [Delivery(patient_web.port, cart_body(store, str(uuid4()), ())) for _ in range(2)]
            for delivery in kept_waiting:
                delivery.arrive()

            assert call_at_once(web.port, GATE, questions) == {(200, ""): CARTS}
            assert call_at_once(web.port, PATH, bodies) == {(503, "1"): CARTS}

            readable, _, _ = select.select(kept_waiting, [], [], 0)
            assert readable == []
        assert GateDecision.objects.filter(is_fallback=True).count() == CARTS
        assert [delivery.answer()[0] for delivery in kept_waiting] == [201, 201]
        assert call_at_once(web.port, PATH, bodies) == {(201, ""): CARTS}
        assert Trip.objects.count() == Cart.objects.count() == CARTS + 2


@contextmanager
def all_connections_taken(cluster: Cluster) -> Iterator[None]:
    with ExitStack() as taken:
        with suppress(psycopg.OperationalError):
            while True:
                taken.enter_context(cluster.connect())
        yield


def untranslated_web(scene: Scene, folder: Path) -> AbstractContextManager[Web]:
    return running_web(scene.cluster.url, folder / "other.log", application="tests.races.untranslated:application")


def test_without_a_free_connection_amazon_is_told_to_try_again(tmp_path: Path) -> None:
    """With its negative control at the same moment: a web process that does not know what it means."""
    with prepared(tmp_path, max_connections="10") as scene, untranslated_web(scene, tmp_path) as other_web:
        port = scene.web.port
        store = Store(external_id=STORE)
        carts = [cart_body(store, str(uuid4()), (("1.50", "1"),)) for _ in range(CARTS)]
        with all_connections_taken(scene.cluster):
            assert call_at_once(port, PATH, carts) == {(503, "1"): CARTS}
            assert call_at_once(other_web.port, PATH, carts) == {(500, ""): CARTS}
            assert call_at_once(port, GATE, [json.dumps(question(STORE)).encode()]) == {(200, ""): 1}

        assert Counter(call(port, PATH, cart) for cart in carts) == {(201, ""): CARTS}
        with scene.cluster.connect() as connection:
            [(count,)] = connection.execute("SELECT count(*) FROM orders_cart").fetchall()
        assert count == CARTS
