"""What holds for every test: no network but loopback, and random choices that can be repeated."""

from __future__ import annotations

import ipaddress
import os
import sys
from typing import Any

from hypothesis import settings

# --- network -------------------------------------------------------------------------------------


class NetworkIsClosedError(RuntimeError):
    """A test tried to reach something other than this machine."""


def is_loopback(host: object) -> bool:
    """Whether a host, by name or by number, is this machine."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in {None, "", "localhost"}:
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


def refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    """Stop Python's own socket events unless they stay on this machine.

    It is an audit hook, so C code that goes through Python's sockets is stopped too, and nothing in a
    test can take it off again. Programs a test starts are not covered; the page tests close Chromium's
    network by its own switches.
    """
    if not event.startswith("socket."):
        return
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = arguments[1]
        # A path is a socket of this machine's own; no address is one already connected.
        if address is None or isinstance(address, str | bytes):
            return
        host = address[0]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        host = arguments[0]
    else:
        return
    if not is_loopback(host):
        raise NetworkIsClosedError(
            f"a test asked for {host!r} ({event}), but tests reach loopback only: "
            "give it the bytes from a file, or a server on 127.0.0.1"
        )


sys.addaudithook(refuse_network)

# --- random choices ------------------------------------------------------------------------------

settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True, max_examples=200)
settings.load_profile("ci" if os.environ.get("CI") else "desk")
