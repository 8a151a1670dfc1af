"""The desk as its people use it."""

from __future__ import annotations

from dsar.models import Case
from tests.browser.visitor import Visitor
from tests.factories import PASSWORD


def signs_in(visitor: Visitor, username: str) -> None:
    """Sign in at the desk with name and password."""
    visitor.goes_to("admin:index")
    visitor.fills(username=username, password=PASSWORD)
    visitor.goes_on()
    visitor.arrives_at("admin:index")


def opens(visitor: Visitor, case: Case) -> None:
    """Open a case's page."""
    visitor.goes_to("admin:dsar_case_change", case.pk)


def acts(
    visitor: Visitor,
    case: Case,
    act: str,
    *,
    chosen: dict[str, str] | None = None,
    looking: bool = False,
    **typed: str,
) -> None:
    """Press an act's button on the case's page, fill in its form and send it.

    An act with a preview stops there, so that it can be read first.
    """
    opens(visitor, case)
    visitor.page.locator(f"main a[href$='/act/{act}/']").first.click()
    visitor.arrives_at("admin:dsar_case_act", case.pk, act)
    if looking:
        visitor.looks_at(f"act-{act}")
    visitor.chooses(**(chosen or {}))
    visitor.fills(**typed)
    visitor.goes_on()


def status_of(case: Case) -> str:
    """The case's status as it is stored now."""
    return str(Case.objects.values_list("status", flat=True).get(pk=case.pk))
