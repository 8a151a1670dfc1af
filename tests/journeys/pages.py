"""People at pages: what a form on a page would send, and officers who act through the desk's."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

from django.test import Client

from dsar.models import Case, StaffMember
from tests.dsar.admin.desk import act_of, links_of, page_of


class Form(HTMLParser):
    """One form of a page, told by its address.

    Attributes:
        names: every field that it has.
        sent: what it would send if its button were pressed now.
    """

    def __init__(self, page: Any, address: str) -> None:
        super().__init__()
        self.address = address
        self.names: set[str] = set()
        self.sent: dict[str, list[str]] = {}
        self._inside = False
        self._text: str | None = None
        self._select = ""
        self.feed(page.content.decode())
        assert self.names, f"no form for {address}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Fields with what stands in them."""
        given = dict(attrs)
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "form":
            self._inside = given.get("action", self.address) == self.address
        if not self._inside:
            return
        if tag in ("input", "textarea", "select") and name:
            self.names.add(name)
        if tag == "textarea":
            self._text = name
            self.sent[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in self.sent):
            self.sent[self._select] = [value]
        elif tag == "input" and name and given.get("type") != "file":
            if given.get("type") not in ("checkbox", "radio"):
                self.sent[name] = [value]
            elif "checked" in given:
                self.sent.setdefault(name, []).append(value)

    def handle_data(self, data: str) -> None:
        """What stands in a text area."""
        if self._text:
            self.sent[self._text][0] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        """The end of the form, or of a text area."""
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._text = None

    def filled_in(self, **typed: str) -> dict[str, Any]:
        """What it sends after somebody typed; AssertionError if it does not ask for that."""
        assert set(typed) <= self.names, f"{self.address} asks for {sorted(self.names)}"
        return {**self.sent, **typed}


class AtDesk:
    """A member of staff with a browser."""

    def __init__(self, user: StaffMember) -> None:
        self.user = user
        self.browser = Client()

    def acts(
        self, case: Case, act: str, if_asked: dict[str, str] | None = None, /, **typed: str
    ) -> None:
        """Find the act's button on the case's page, fill in its form, read the preview, send it.

        What is typed must be asked for by the form, except for what `if_asked` holds.
        """
        self.browser.force_login(self.user)  # anew: days lie between two acts
        address = act_of(case, act)
        assert address in links_of(self.browser.get(page_of(case))), f"no button for {act}"
        form = Form(self.browser.get(address), address)
        also = {name: text for name, text in (if_asked or {}).items() if name in form.names}
        answer = self.browser.post(address, form.filled_in(**typed, **also))
        if answer.status_code == 200 and "reading" in answer.context:
            sent = Form(answer, address).filled_in()
            answer = self.browser.post(address, {**sent, "step": "confirm"})
        assert answer.status_code == 302, (act, answer.context and answer.context["form"].errors)
        assert answer["Location"] == page_of(case)
        case.refresh_from_db()
