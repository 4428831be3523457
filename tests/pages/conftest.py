"""Fixtures of the page tests: one Chromium for all of them, a fresh profile for each page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.pages.browser import NoChromiumError, Opened, chromium, opened, served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; where there is none the test fails and says NOT RUN, it is never skipped."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(chromium())
        except NoChromiumError as missing:
            pytest.fail(str(missing), pytrace=False)
        yield running


@pytest.fixture
def open_page(request: pytest.FixtureRequest) -> Iterator[Callable[..., Opened]]:
    """``open_page(path_or_loopback_address, size=…, javascript=…, dark=…, print_media=…)``.

    Chromium is asked for when the first page is opened, so that where it is missing the test itself fails.
    """
    with ExitStack() as stack:

        def open_one(target: Path | str, **settings: Any) -> Opened:
            running = request.getfixturevalue("browser")
            return stack.enter_context(opened(running, target, **settings))

        yield open_one


@pytest.fixture
def serve() -> Iterator[Callable[[Path], str]]:
    """``serve(folder)`` gives the loopback address at which the folder can be read."""
    with ExitStack() as stack:
        yield lambda folder: stack.enter_context(served(folder))
