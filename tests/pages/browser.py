"""A page in headless Chromium, and what a test may ask of it.

Chromium is the system's own, found by ``tools/chromium``; Playwright drives it and downloads nothing.
Its network is closed twice: names and numbers other than loopback resolve to nothing, and every request
that is not a file, data or loopback is recorded and cut.
"""

from __future__ import annotations

import functools
import http.server
import importlib.resources
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, CDPSession, Page, Route, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
NOT_RUN = (
    "NOT RUN: no headless Chromium found (looked for chromium, chromium-browser, google-chrome). "
    "Install it with the system's package manager (Debian: sudo apt-get install chromium) "
    "or set AYNI_CHROMIUM to its path, and run again."
)
# WCAG 2.2 AA and all below it, plus axe's own good practice.
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice")
PHONE = (390, 844)
SMALLEST = (320, 568)
DESK = (1280, 800)

_SWITCHES = (
    "--disable-dev-shm-usage",  # a container's shared memory may be 64 MB
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--no-first-run",
    "--no-pings",
    "--proxy-server=direct://",
    # Rules are read in order, first match first, and an exception comes after what it excepts.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost , EXCLUDE [::1]",
)

_SCRIPTS_OFF = "Emulation.setScriptExecutionDisabled"


class NoChromiumError(RuntimeError):
    """There is no headless Chromium on this machine."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One rule of axe-core that the page breaks."""

    rule: str
    impact: str
    help: str
    targets: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.rule} ({self.impact}): {self.help} at {', '.join(self.targets[:5])}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """Where the Tab key rests: the element, and whether a reader can see that it is there."""

    selector: str
    name: str
    in_view: bool
    outlined: bool


@dataclass(slots=True, kw_only=True)
class Opened:
    """A page that is open, with all it asked for since.

    Attributes
    ----------
    page : Page
        Playwright's page, for what is not named here.
    switch : CDPSession, optional
        Where scripts are off, the line by which they were switched off.
    requests : list of str
        Every address the page asked for, its own first.
    errors : list of str
        Script errors and messages of level error.
    """

    page: Page
    switch: CDPSession | None = None
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def outside(self) -> list[str]:
        """Addresses that are neither this machine nor the page itself, hints to the browser included."""
        hints = self.page.eval_on_selector_all(
            "link[rel~=preconnect], link[rel~=dns-prefetch], link[rel~=prefetch], link[rel~=prerender]",
            "links => links.map(link => link.href)",
        )
        return [address for address in [*self.requests, *hints] if not stays_here(address)]

    def violations(self, *, without: tuple[str, ...] = ()) -> list[Violation]:
        """What axe-core objects to in the page as it stands, but for the rules named in `without`."""
        with self._scripts_on():
            self.page.evaluate(axe_script())
            found = self.page.evaluate(
                "([tags, off]) => axe.run(document, {runOnly: {type: 'tag', values: tags},"
                " rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}]))})",
                [list(RULES), list(without)],
            )
        return [
            Violation(
                rule=one["id"],
                impact=one["impact"] or "unrated",
                help=one["help"],
                targets=tuple(str(node["target"][0]) for node in one["nodes"]),
            )
            for one in found["violations"]
        ]

    @contextmanager
    def _scripts_on(self) -> Iterator[None]:
        """Let timers run for a while in a page opened without scripts; its own scripts stay unread.

        axe-core waits on timers, which never come where scripts are off (Chromium 156, November 2026).
        """
        if self.switch is None:
            yield
            return
        self.switch.send(_SCRIPTS_OFF, {"value": False})
        try:
            yield
        finally:
            self.switch.send(_SCRIPTS_OFF, {"value": True})

    def tab_stops(self, *, at_most: int = 400) -> list[Stop]:
        """Press Tab from the top until the page has no further stop, and tell where it rested."""
        self.page.evaluate("document.activeElement && document.activeElement.blur()")
        stops: list[Stop] = []
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            here: dict[str, Any] | None = self.page.evaluate(_STOP)
            if here is None:
                return stops
            stops.append(Stop(**here))
        raise AssertionError(f"the Tab key found no way out of the page in {at_most} steps")

    def too_wide_px(self) -> int:
        """By how many pixels the page must be scrolled sideways; 0 is right."""
        wide: int = self.page.evaluate(
            "Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"
        )
        return wide

    def screenshot(self, path: Path, *, whole: bool = False) -> Path:
        """Write what is seen (or the whole page) as PNG."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path, full_page=whole, animations="disabled")
        return path


# The element that has the focus, once: a second visit means that the round is complete.
_STOP = """() => {
  const seen = (window.__stops ??= new WeakSet());
  const here = document.activeElement;
  if (!here || here === document.body || here === document.documentElement || seen.has(here)) {
    delete window.__stops;
    return null;
  }
  seen.add(here);
  const box = here.getBoundingClientRect(), style = getComputedStyle(here);
  const label = here.getAttribute('aria-label') ?? here.textContent ?? '';
  return {
    selector: here.localName + (here.id ? '#' + here.id : ''),
    name: (label || here.getAttribute('alt') || here.getAttribute('title') || here.value || '')
      .replace(/\\s+/g, ' ').trim(),
    in_view: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight
      && box.right > 0 && box.left < innerWidth && style.visibility === 'visible',
    outlined: (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
      || style.boxShadow !== 'none',
  };
}"""


def stays_here(address: str) -> bool:
    """Whether an address is part of the page or of this machine."""
    parts = urlsplit(address)
    if parts.scheme == "file":
        return not parts.netloc  # //host/x in a file is another machine's
    if parts.scheme in {"data", "blob", "about"}:
        return True
    if parts.scheme not in {"http", "https", "ws", "wss"}:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


@functools.cache
def axe_script() -> str:
    """Return the text of axe-core, from the installed package."""
    return importlib.resources.files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def find_chromium(environment: dict[str, str] | None = None) -> Path:
    """Return the path of a Chromium that starts.

    Raises
    ------
    NoChromiumError
        There is none; the sentence says what to install.
    """
    answer = subprocess.run(
        ["/bin/sh", str(ROOT / "tools" / "chromium"), "--find"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )
    if answer.returncode:
        raise NoChromiumError(NOT_RUN)
    return Path(answer.stdout.strip())


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the system's Chromium without a screen, and end it afterwards.

    The sandbox is off: it cannot be had as root or in most containers, and only our own pages are opened.
    """
    path = find_chromium()
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=path, headless=True, chromium_sandbox=False, args=list(_SWITCHES)
        )
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(
    browser: Browser,
    target: Path | str,
    *,
    size: tuple[int, int] = DESK,
    javascript: bool = True,
    dark: bool = False,
    print_media: bool = False,
    language: str = "es-PE",
) -> Iterator[Opened]:
    """Open a file or a loopback address in a fresh profile, and close it afterwards.

    Parameters
    ----------
    browser : Browser
        From `chromium`.
    target : Path or str
        A file, or an address on this machine.
    size : (int, int), CSS pixels
        Width and height of the window.
    javascript : bool
        Whether scripts of the page run.
    dark : bool
        Whether the reader prefers dark colours.
    print_media : bool
        Whether the page is shown as it would be printed.
    language : str
        The reader's language.
    """
    address = target.resolve().as_uri() if isinstance(target, Path) else target
    if not stays_here(address):
        raise ValueError(f"{address} is not on this machine; give a file or a loopback address")
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        reduced_motion="reduce",
        locale=language,
        service_workers="block",
    )
    try:
        page = context.new_page()
        sheet = Opened(page=page)
        context.on("request", lambda request: sheet.requests.append(request.url))
        page.on("websocket", lambda socket: sheet.requests.append(socket.url))
        page.on("pageerror", lambda error: sheet.errors.append(str(error)))
        page.on("console", lambda said: sheet.errors.append(said.text) if said.type == "error" else None)
        context.route(lambda address: not stays_here(address), _cut)
        if not javascript:
            # Not by the profile's own setting: that cannot be lifted again for axe-core.
            sheet.switch = context.new_cdp_session(page)
            sheet.switch.send(_SCRIPTS_OFF, {"value": True})
        if print_media:
            page.emulate_media(media="print")
        page.goto(address, wait_until="load")
        yield sheet
    finally:
        context.close()


def _cut(route: Route) -> None:
    route.abort("blockedbyclient")


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's own name
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free loopback port; gives its address, with a slash at the end."""
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()
