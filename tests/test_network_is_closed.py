"""The guard of `tests/conftest.py`, tried."""

from __future__ import annotations

import socket
import threading
import urllib.request

import pytest

DOCUMENTATION_ADDRESS = "192.0.2.1"  # RFC 5737: never routed


def test_connecting_to_another_machine_is_refused():
    with socket.socket() as door, pytest.raises(RuntimeError, match="loopback only"):
        door.connect((DOCUMENTATION_ADDRESS, 80))


def test_sending_a_datagram_to_another_machine_is_refused():
    with socket.socket(type=socket.SOCK_DGRAM) as door, pytest.raises(RuntimeError, match="loopback only"):
        door.sendto(b"x", (DOCUMENTATION_ADDRESS, 53))


def test_asking_for_a_name_is_refused():
    with pytest.raises(RuntimeError, match="loopback only"):
        socket.getaddrinfo("example.invalid", 80)


def test_a_library_that_opens_an_address_is_refused():
    with pytest.raises(RuntimeError, match="loopback only"):
        urllib.request.urlopen("http://example.invalid/", timeout=1)


def accept_one(server: socket.socket):
    visitor, _ = server.accept()
    visitor.close()


@pytest.mark.parametrize(
    ("family", "host"),
    [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "localhost"), (socket.AF_INET6, "::1")],
)
def test_loopback_stays_open(family: int, host: str):
    with socket.socket(family) as server:
        try:
            server.bind((host, 0))
        except OSError:
            assert family == socket.AF_INET6, "IPv4 loopback is always here"
            return
        server.listen()
        thread = threading.Thread(target=accept_one, args=(server,))
        thread.start()
        with socket.socket(family) as door:
            door.connect((host, server.getsockname()[1]))
        thread.join()
