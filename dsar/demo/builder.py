"""Making the demo: companies, staff, and one case a plot; only what is missing is made.

Each case is one transaction and is recognised by its receipt code, so a run that was cut off is
completed by the next one, and a run on complete data changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime, time

from dsar import deadlines
from dsar.demo.cases_abroad import CCPA, GDPR
from dsar.demo.cases_connected import CONNECTED
from dsar.demo.cases_ended import ENDED
from dsar.demo.cases_of_group import OF_GROUP
from dsar.demo.cases_under_way import UNDER_WAY, VISITORS_CASE
from dsar.demo.company import make_companies, make_staff
from dsar.demo.connected import make_connected
from dsar.demo.inventory import make_inventory
from dsar.demo.register import make_register
from dsar.demo.telling import TOKYO, Cast, receipt_code, seed_digest, tell
from dsar.law import shelf
from dsar.models import Case

PLOTS = (*UNDER_WAY, *ENDED, *OF_GROUP, *CONNECTED, *GDPR, *CCPA)
EVENING = time(18, 30)


def evening_of(day: date) -> datetime:
    """The moment a demo of another day is told from: that day after work, in Tokyo."""
    return datetime.combine(day, EVENING, TOKYO)


def seed(now: datetime) -> int:
    """Make what is missing of the demo as it would stand at `now`; returns how many cases."""
    companies = make_companies(now.astimezone(TOKYO).date())
    staff = make_staff(companies)
    make_inventory(companies, staff)
    digests = {plot.key: seed_digest(plot.key) for plot in PLOTS}
    kept = Case.objects.filter(receipt_code_digest__in=list(digests.values()))
    there = {bytes(digest) for digest in kept.values_list("receipt_code_digest", flat=True)}
    missing = [plot for plot in PLOTS if digests[plot.key] not in there]
    if not missing:
        return 0
    make_connected(companies)
    make_register(companies, now.astimezone(TOKYO).date())
    rules = shelf.book().versions("appi")[-1]
    cast = Cast(
        companies,
        staff,
        {code: deadlines.calendar_for(rules, row.pk) for code, row in companies.items()},
        now,
    )
    # The oldest first, as they would have come in.
    told = [tell(plot, cast) for plot in sorted(missing, key=lambda plot: -plot.age)]
    return sum(case is not None for case in told)


def visitors_case() -> tuple[Case, str] | None:
    """The case that visitors may look up, with its receipt code; None before it is made."""
    digest = seed_digest(VISITORS_CASE)
    case = Case.objects.filter(receipt_code_digest=digest).first()
    return (case, receipt_code(VISITORS_CASE)) if case else None
