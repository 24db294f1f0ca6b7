"""The broker of a machine without one: messages are read while others are being written."""

import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from core.filesystem_broker import Transport

MESSAGES = 100


@pytest.fixture(autouse=True)
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """kombu locks a message's file between making it and filling it: there it takes its time."""
    monkeypatch.setattr(filesystem, "lock", lambda file, flags: time.sleep(0.005))
    monkeypatch.setattr(filesystem, "unlock", lambda file: None)


def sent_and_received(transport: Any, folder: Path) -> list[int]:
    """The queue is named after the folder: kombu remembers for the whole process which ones there are."""
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "control"),
        "polling_interval": 0.001,
    }

    def connect() -> Connection:
        return Connection("filesystem://", transport=transport, transport_options=options)

    def send() -> None:
        with connect() as connection, connection.SimpleQueue(folder.name) as queue:
            for number in range(MESSAGES):
                queue.put(number)

    with connect() as connection, connection.SimpleQueue(folder.name) as queue:
        writer = Thread(target=send)
        writer.start()
        try:
            return [received(queue) for _ in range(MESSAGES)]
        finally:
            writer.join()


def received(queue: Any) -> int:
    message = queue.get(timeout=10)
    message.ack()
    payload: int = message.payload
    return payload


def test_no_message_is_read_before_it_is_whole(tmp_path: Path) -> None:
    assert sent_and_received(Transport, tmp_path) == list(range(MESSAGES))
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == []


def test_kombus_own_broker_does_read_one(tmp_path: Path) -> None:
    """The negative control: without ours, this test's trouble is real."""
    with pytest.raises(ValueError, match="Expecting value"):
        sent_and_received(filesystem.Transport, tmp_path)
