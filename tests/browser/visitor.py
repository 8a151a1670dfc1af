"""A person with a browser, as the tests speak of one: visits, reads, fills in, presses.

Everything a page must not do is noted while the test goes on and fails it at the end: a violation
of the content security policy, an error on the console, a request that failed, a page broader
than a phone, and, where it is looked for, anything axe finds against WCAG 2.2 AA.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from django.utils.translation import gettext, override, pgettext
from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    Response,
    Route,
    TimeoutError,
)

from tests.browser.portal import Portal

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE = 10_000
"""Milliseconds that anything on a page may take."""
LEVELS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]

# An outline or a shadow that is not there without the focus, on the control or around it.
IS_SEEN = """control => [control, control.parentElement, control.nextElementSibling]
    .filter(Boolean)
    .map(element => getComputedStyle(element))
    .some(style => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
        || style.boxShadow !== "none")"""


class Visitor:
    """One person with one browser window.

    Attributes:
        language: `ja` or `en`; decides on addresses and on what buttons are called.
        size: PHONE or DESKTOP.
    """

    def __init__(
        self,
        portal: Portal,
        context: BrowserContext,
        *,
        language: str,
        size: dict[str, int],
        scripts: bool,
        album: Path | None,
    ) -> None:
        self.portal = portal
        self.context = context
        self.language = language
        self.size = size
        self.scripts = scripts
        self.album = album
        self.problems: list[str] = []
        self._expected: set[int] = set()
        context.set_default_timeout(PATIENCE)
        context.on("console", self._read_console)
        context.on("weberror", lambda error: self._complain(f"script error: {error.error}"))
        context.on("requestfailed", self._read_failure)
        context.on("response", self._read_response)
        self.page: Page = context.new_page()

    # --- Going about ----------------------------------------------------------------------
    def goes_to(self, place: str, *args: Any) -> None:
        """Open a page by the name of its address, or by a path that starts with a slash."""
        if place.startswith("/"):
            path = place
        else:
            with override(self.language):
                path = reverse(place, args=args)
        self.page.goto(self.portal.url + path)

    def opens(self, link: str) -> None:
        """Open a link out of a mail, on the server under test."""
        self.page.goto(self.portal.url + urlsplit(link).path)

    @property
    def path(self) -> str:
        """Where the window is now."""
        return urlsplit(self.page.url).path

    def arrives_at(self, place: str, *args: Any) -> None:
        """Make sure that the window shows that page, or comes to show it in a moment."""
        with override(self.language):
            path = reverse(place, args=args)
        with contextlib.suppress(TimeoutError):
            self.page.wait_for_url(lambda url: urlsplit(url).path == path)
        assert self.path == path, f"at {self.path}: {self.text[:600]}"

    # --- Reading --------------------------------------------------------------------------
    def word(self, message: str, *, context: str = "") -> str:
        """A text of the portal in the visitor's language."""
        with override(self.language):
            return str(pgettext(context, message) if context else gettext(message))

    @property
    def heading(self) -> str:
        """The page's one heading of the first level."""
        return self.page.locator("main h1").inner_text()

    @property
    def text(self) -> str:
        """What the page says, below the menu."""
        return self.page.locator("main").inner_text()

    # --- Doing ----------------------------------------------------------------------------
    def control(self, name: str) -> Locator:
        """The control of that name."""
        return self.page.locator(f"main [name='{name}']")

    def fills(self, **answers: str) -> None:
        """Type into controls by name."""
        for name, text in answers.items():
            self.control(name).fill(text)

    def chooses(self, **answers: str) -> None:
        """Choose radio buttons or tick boxes by name and value, pressing on their words."""
        for name, value in answers.items():
            self._choose(self.page.locator(f"main [name='{name}'][value='{value}']"))

    def ticks(self, name: str) -> None:
        """Tick the one box of that name."""
        self._choose(self.control(name))

    def _choose(self, box: Locator) -> None:
        if not box.is_checked():
            self.page.locator(f"label[for='{box.get_attribute('id')}']").click()
        assert box.is_checked()

    def link(self, label: str) -> Locator:
        """A link by its words."""
        return self.page.get_by_role("link", name=self.word(label), exact=True)

    def goes_on(self) -> None:
        """Press the main button of the page's form, and see the page that comes."""
        with self.page.expect_navigation():
            self.main_button.click()

    @property
    def main_button(self) -> Locator:
        """The main button of the page's form."""
        return self.page.locator("main form button.button-primary").first

    def presses(self, label: str, *, context: str = "") -> None:
        """Press a button by its words, and see the page that comes."""
        name = self.word(label, context=context)
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=name, exact=True).click()

    def tabs_to(self, goal: Locator) -> None:
        """Press the tab key until the focus is there, seeing all the way where it is."""
        for _ in range(60):
            self.page.keyboard.press("Tab")
            focused = self.page.locator(":focus")
            if focused.count() and not focused.evaluate(IS_SEEN):
                self._complain(f"{self.path}: the focus cannot be seen on {focused}")
            if goal.evaluate("goal => goal === document.activeElement"):
                return
        raise AssertionError(f"the tab key does not lead to {goal}")

    # --- Looking --------------------------------------------------------------------------
    def looks_at(self, name: str) -> None:
        """Look at the page thoroughly: headings, breadth, axe, and a picture for the album."""
        where = f"{name} ({self.language}, {self.path})"
        for found in self._findings():
            self._complain(f"{where}: {found}")
        with self._page_for_axe() as page:
            for violation in axe_violations(page):
                self._complain(f"{where}: {violation}")
        if self.album is not None:
            self._take_picture(name)

    @contextlib.contextmanager
    def _page_for_axe(self) -> Iterator[Page]:
        """The page itself; for who has no scripts its copy, in which only axe runs, and no script
        of the portal."""
        if self.scripts:
            yield self.page
            return
        here, html = self.page.url, self.page.content()
        browser = self.context.browser
        assert browser is not None
        context = browser.new_context(
            viewport=self.size,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )

        def serve(route: Route) -> None:
            if route.request.resource_type == "script":
                route.abort()
            elif route.request.url == here:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            else:
                route.continue_()

        try:
            copy = context.new_page()
            copy.route("**/*", serve)
            copy.goto(here)
            yield copy
        finally:
            context.close()

    def _findings(self) -> Iterator[str]:
        if (headings := self.page.locator("h1").count()) != 1:
            yield f"{headings} headings of the first level"
        if self.page.locator("html").get_attribute("lang") != self.language:
            yield "the page is marked as being in another language"
        if not self.page.title().strip(" |"):
            yield "the page has no title"
        for size in (PHONE, DESKTOP):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            yield from broader_than(self.page, size)
        self.page.set_viewport_size(self.size)  # type: ignore[arg-type]

    def _take_picture(self, name: str) -> None:
        if self.album is None:
            return
        for size, called in ((PHONE, "phone"), (DESKTOP, "desktop")):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            self.page.screenshot(
                path=self.album / f"{name}-{self.language}-{called}.png", full_page=True
            )
        self.page.set_viewport_size(self.size)  # type: ignore[arg-type]

    # --- What must not happen -------------------------------------------------------------
    @contextlib.contextmanager
    def expecting(self, *statuses: int) -> Iterator[None]:
        """Within it, answers of these HTTP statuses are no problem."""
        self._expected |= set(statuses)
        try:
            yield
        finally:
            self._expected -= set(statuses)

    def _complain(self, problem: str) -> None:
        self.problems.append(problem)

    def _read_console(self, message: ConsoleMessage) -> None:
        if message.text.startswith("Failed to load resource"):  # read as a response
            return
        if message.type in ("error", "warning") or "Content Security Policy" in message.text:
            self._complain(f"console: {message.text} ({message.location.get('url', '')})")

    def _read_failure(self, request: Request) -> None:
        if request.failure == "net::ERR_ABORTED":  # the visitor had already gone on
            return
        self._complain(f"request failed: {request.method} {request.url}: {request.failure}")

    def _read_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self._expected:
            asked = response.request
            self._complain(f"status {response.status}: {asked.method} {response.url}")


def broader_than(page: Page, size: dict[str, int]) -> Iterator[str]:
    """Whether the page has to be scrolled sideways at this size, and what sticks out."""
    breadth = page.evaluate("document.scrollingElement.scrollWidth")
    if breadth <= size["width"]:
        return
    culprits = page.evaluate(
        """breadth => [...document.querySelectorAll("body *")]
            .filter(element => element.getBoundingClientRect().right > breadth + 1)
            .map(element => element.tagName.toLowerCase() + "." + element.className)
            .slice(0, 5)""",
        size["width"],
    )
    yield f"{breadth} px broad on a screen of {size['width']} px: {', '.join(culprits)}"


def axe_violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA, one line for each rule."""
    options = {
        "runOnly": {"type": "tag", "values": LEVELS},
        "resultTypes": ["violations"],
        "preload": False,  # it would write style sheets of its own into the page
    }
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"axe {rule['id']}: {rule['help']}: "
        + "; ".join(json.dumps(node["target"]) + " " + _reason(node) for node in rule["nodes"][:4])
        for rule in found
    ]


def _reason(node: dict[str, Any]) -> str:
    checks = [*node["any"], *node["all"], *node["none"]]
    return checks[0]["message"] if checks else ""
