import http.client
from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest

from sandbox.faults import FaultBook
from sandbox.tests.conftest import TRIP
from sandbox.tests.signed_calls import Caller


@pytest.fixture
def ready(caller: Caller, trip: str) -> Caller:
    caller.adjust(trip, 10)
    return caller


def order(caller: Caller, **fault: Any) -> None:
    answer = caller.control("POST", "/sandbox/faults", fault)
    assert answer.status == 200, answer.text


def captures(caller: Caller) -> int:
    return int(caller.books(TRIP)["captures"])


def test_a_status_fault_does_not_act_and_counts_down(ready: Caller) -> None:
    order(ready, kind="status", status=503, operation="capture", times=2)

    assert [ready.capture(TRIP, 5).status for _ in range(3)] == [503, 503, 200]
    assert captures(ready) == 1


def test_a_delay_acts_late(ready: Caller) -> None:
    order(ready, kind="delay", seconds=0.2)
    began = monotonic()

    assert ready.capture(TRIP, 5).status == 200
    assert monotonic() - began >= 0.2


def test_a_delay_after_leaves_the_caller_without_the_answer_of_a_done_deed(ready: Caller) -> None:
    order(ready, kind="delay_after", seconds=0.4)

    with pytest.raises(TimeoutError):
        ready.call("capture", {"storeId": "VALID_STORE_ID", "shoppingTripId": TRIP, "amount": _five()}, timeout=0.2)
    assert captures(ready) == 1


@pytest.mark.parametrize(("kind", "count"), [("lose_answer", 1), ("lose_request", 0)])
def test_a_cut_connection(ready: Caller, kind: str, count: int) -> None:
    order(ready, kind=kind)

    with pytest.raises(http.client.RemoteDisconnected):
        ready.capture(TRIP, 5)
    assert captures(ready) == count


def test_garbage_is_a_200_that_acted(ready: Caller) -> None:
    order(ready, kind="garbage", operation="capture")

    answer = ready.capture(TRIP, 5)

    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html")
    assert captures(ready) == 1


def test_a_fault_keeps_to_its_operation_and_trip(ready: Caller) -> None:
    order(ready, kind="status", operation="cancel", times=None)
    order(ready, kind="status", trip="another", times=None)

    assert ready.capture(TRIP, 5).status == 200
    assert ready.data(TRIP).status == 200


def test_faults_are_listed_until_used_up_or_cleared(ready: Caller) -> None:
    order(ready, kind="status", times=1)
    order(ready, kind="status", status=500, operation="refund", times=None)
    assert ready.data(TRIP).status == 503

    assert [fault["status"] for fault in ready.control("GET", "/sandbox/faults").content["faults"]] == [500]
    assert ready.control("DELETE", "/sandbox/faults").content == {"faults": []}


@pytest.mark.parametrize(
    "fault", [{"kind": "fire"}, {}, {"kind": "status", "status": 200}, {"kind": "status", "operation": "pay"},
              {"kind": "status", "colour": "red"}, {"kind": "delay", "seconds": "long"}, [], {"kind": []}]
)  # fmt: skip
def test_a_fault_that_makes_no_sense_is_refused(caller: Caller, fault: Any) -> None:
    answer = caller.control("POST", "/sandbox/faults", fault)

    assert answer.status == 400
    assert answer.content["errorMsg"]


def test_faults_come_after_the_signature(ready: Caller) -> None:
    order(ready, kind="status", times=1)
    ready.secret_key = "wrong"
    assert ready.data(TRIP).status == 403

    ready.secret_key = "demo-secret-key"
    assert ready.data(TRIP).status == 503


def outcomes(seed: int, rate: float, trips: range = range(400)) -> list[str]:
    book = FaultBook(seed, rate)
    found = [book.next_for("capture", f"trip-{number}") for number in trips]
    return ["" if fault is None else f"{fault.kind} {fault.status}" for fault in found]


def test_random_trouble_is_reproduced_by_its_seed() -> None:
    assert outcomes(7, 0.2) == outcomes(7, 0.2) != outcomes(8, 0.2)


def test_random_trouble_does_not_depend_on_the_order_of_the_calls() -> None:
    assert outcomes(7, 0.2) == list(reversed(outcomes(7, 0.2, range(399, -1, -1))))


def test_random_trouble_keeps_to_its_rate_and_is_of_every_kind() -> None:
    found = outcomes(7, 0.2)

    assert 0.12 < sum(map(bool, found)) / len(found) < 0.28
    assert len(set(found) - {""}) == 5


def test_random_trouble_through_the_door(start: Callable[..., Any]) -> None:
    def statuses() -> list[int]:
        with start(adopts=True, fault_rate=0.5, seed=11) as caller:
            return [_status(caller) for _ in range(25)]

    first = statuses()

    assert first == statuses()
    assert 200 in first
    assert set(first) - {200}


def test_a_rate_spares_some_calls(ready: Caller) -> None:
    order(ready, kind="status", rate=0.5, times=None)

    assert {ready.data(TRIP).status for _ in range(30)} == {200, 503}


def _status(caller: Caller) -> int:
    try:
        return caller.data(TRIP).status
    except http.client.RemoteDisconnected:
        return 0


def _five() -> dict[str, Any]:
    return {"amount": 5, "code": "USD"}
