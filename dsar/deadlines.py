"""A case's due dates: counted by `dsar.clock` from the case's facts, kept as rows.

The rows are derived. They are refreshed in the transaction of every act that changes a fact,
and by a task when a calendar changes, so they can always be counted again from receipt, stops,
extensions and the pinned rule set.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, Q
from django.utils.translation import gettext as _

from dsar import calendars, clock, law, notices
from dsar.ledger import Actor
from dsar.models import (
    FINISHED,
    NO_DUE,
    Case,
    CaseQuerySet,
    ClockExtension,
    ClockStop,
    ClosingDay,
    Controller,
    Deadline,
    Fee,
    Notice,
    ReminderRule,
)

MARKERS = ("art39_marker",)
"""Dates that are shown but are nobody's duty."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a case's clock is counted from.

    Attributes:
        stops: those that touch the clock; asking without stopping it is not among them.
        asked_on: the day of the question that is still open, whether it stops the clock or not.
        charged_on: the day on which the fee that is still open was notified.
    """

    received_on: date
    stops: tuple[clock.Stop, ...] = ()
    granted: tuple[clock.Granted, ...] = ()
    asked_on: date | None = None
    charged_on: date | None = None

    @property
    def is_stopped(self) -> bool:
        """Whether the clock stands now."""
        return any(stop.resumed_on is None for stop in self.stops)

    def with_grant(self, on: date) -> Facts:
        """The same with one more extension."""
        return replace(self, granted=(*self.granted, clock.Granted(on)))


def today(case: Case, at: datetime) -> date:
    """The date in the rule set's time zone."""
    return clock.received_on(at, case.rules.timezone)


def calendar_of(case: Case) -> clock.Calendar:
    """The business calendar of the case's rule set and controller."""
    # The controller's row, with its calendar's version, is read before the closing days: a change
    # in between is then counted again, never missed.
    return calendar_for(case.rules, case.controller.pk)


def calendar_for(rules: law.RuleSet, controller_id: int) -> clock.Calendar:
    """The business calendar of a rule set with a controller's closing days."""
    rows = ClosingDay.objects.filter(Q(controller=None) | Q(controller=controller_id)).order_by(
        F("controller").asc(nulls_first=True)
    )
    chosen = {row.day: row for row in rows}  # the controller's own row wins
    return calendars.calendar_of(
        rules,
        closed={
            day: law.Text(ja=row.name_ja, en=row.name_en)
            for day, row in chosen.items()
            if not row.is_open
        },
        opened=frozenset(day for day, row in chosen.items() if row.is_open),
    )


def facts_of(case: Case) -> Facts:
    """Read a case's clock facts (three queries)."""
    stops = list(case.stops.order_by("stopped_on", "id"))
    questions = [row for row in stops if row.cause == ClockStop.Cause.QUESTION]
    return Facts(
        case.received_on,
        tuple(
            clock.Stop(row.stopped_on, row.resumed_on, row.effect)  # type: ignore[arg-type]
            for row in stops
            if row.effect != "none"
        ),
        tuple(clock.Granted(row.granted_on) for row in case.extensions.order_by("id")),
        next((row.stopped_on for row in questions if row.resumed_on is None), None),
        _charged_on(case),
    )


def _charged_on(case: Case) -> date | None:
    if not case.rule.fee_allowed:
        return None
    open_fee = case.fees.filter(state=Fee.State.OPEN)
    return open_fee.values_list("charged_on", flat=True).first()


def _complete_on(facts: Facts) -> date:
    """The day the request became complete: the last answer or payment, else receipt."""
    ends = [stop.resumed_on for stop in facts.stops if stop.resumed_on]
    return max([facts.received_on, *ends])


def reckon(
    case: Case, facts: Facts, calendar: clock.Calendar
) -> dict[str, tuple[date, clock.Reckoning]]:
    """Count every deadline of the case: by role, the day counted from and the reckoning."""
    rules = case.rules
    found: dict[str, tuple[date, clock.Reckoning]] = {}
    for code in case.rule.deadlines:
        rule = rules.deadlines[code]
        if rule.start == "event":
            continue
        begins = facts.received_on
        if rule.start == "documents_complete":
            if facts.asked_on is not None or facts.is_stopped:
                continue  # not complete yet: counted from the day the answer or fee arrives
            begins = _complete_on(facts)
        reckoning = clock.due(
            rule,
            begins,
            calendar,
            stops=facts.stops,
            extension=rules.extension if rule.extendable else None,
            granted=facts.granted if rule.extendable else (),
        )
        found[rule.role] = (begins, reckoning)
    cure = _cure_rule(case)
    if facts.asked_on is not None and cure is not None:
        found["cure"] = (facts.asked_on, clock.due(cure, facts.asked_on, calendar))
    payment = rules.deadline(case.kind, "fee_payment")
    if facts.charged_on is not None and payment is not None:
        found["fee_payment"] = (
            facts.charged_on,
            clock.due(payment, facts.charged_on, calendar),
        )
    return found


def _cure_rule(case: Case) -> law.DeadlineRule | None:
    rules = case.rules
    own = rules.deadline(case.kind, "cure")
    return own or next((rule for rule in rules.deadlines.values() if rule.role == "cure"), None)


def start(case: Case, at: datetime) -> tuple[list[Deadline], list[Notice]]:
    """Deadlines and reminders of a case that is about to be inserted; nothing is written.

    A receipt on the web is confirmed on the spot, which meets the duty to acknowledge.
    """
    reckonings = reckon(case, Facts(case.received_on), calendar_of(case))
    rows = []
    for role, (begins, reckoning) in reckonings.items():
        row = Deadline(case=case, code=role, starts_on=begins, due_on=reckoning.due)
        if role == "ack" and case.channel == "web":
            row.met_on = case.received_on
        rows.append(row)
    _summarise(case, rows, stopped=False)
    return rows, _reminders(case, rows, at)


def refresh(case: Case, at: datetime) -> list[Notice]:
    """Count anew, write rows and the case's summary; returns the reminders to be written.

    The caller's transaction must be open.
    """
    facts = facts_of(case)
    reckonings = reckon(case, facts, calendar_of(case))
    known = {row.code: row for row in case.deadlines.all()}
    rows, new, changed = [], [], []
    for role, (begins, reckoning) in reckonings.items():
        row = known.pop(role, None)
        if row is None:
            row = Deadline(case=case, code=role)
            new.append(row)
        elif (row.starts_on, row.due_on) != (begins, reckoning.due):
            changed.append(row)
        row.starts_on, row.due_on = begins, reckoning.due
        rows.append(row)
    gone = [row.pk for row in known.values() if row.met_on is None]
    Deadline.objects.filter(pk__in=gone).delete()
    Deadline.objects.bulk_create(new)
    Deadline.objects.bulk_update(changed, ["starts_on", "due_on"])
    _summarise(case, rows, stopped=facts.is_stopped)
    Case.objects.filter(pk=case.pk).update(
        next_due_on=case.next_due_on,
        next_due_code=case.next_due_code,
        is_stopped=case.is_stopped,
        calendar_version=case.calendar_version,
    )
    # What is due already stays: whether it still holds is asked when it is sent.
    case.notices.filter(
        kind__startswith=notices.DESK_DUE, state=Notice.State.WAITING, due_at__gt=at
    ).delete()
    return _reminders(case, rows, at)


def _summarise(case: Case, rows: Iterable[Deadline], *, stopped: bool) -> None:
    """Set what the queue shows: the first duty not yet met."""
    owed = [
        (row.due_on, row.code)
        for row in rows
        if row.due_on is not None and row.met_on is None and row.code not in MARKERS
    ]
    nothing = (NO_DUE, "")
    first = nothing if case.status in FINISHED else min(owed, default=nothing, key=itemgetter(0))
    case.next_due_on, case.next_due_code = first
    case.is_stopped = stopped and case.status not in FINISHED
    case.calendar_version = case.controller.calendar_version


def _reminders(case: Case, rows: Iterable[Deadline], at: datetime) -> list[Notice]:
    """Reminders to the desk that are still ahead."""
    if case.status in FINISHED:
        return []
    zone = ZoneInfo(case.rules.timezone)
    planned = []
    schedule = list(ReminderRule.objects.filter(is_active=True))
    for row in rows:
        if row.due_on is None or row.met_on:
            continue
        for rule in schedule:
            if rule.deadline != row.code:
                continue
            day = row.due_on - timedelta(days=rule.days_before)
            due_at = datetime.combine(day, time(settings.REMINDER_HOUR), zone)
            if due_at > at:
                planned.append(
                    notices.new(
                        f"{notices.DESK_DUE}:{row.code}",
                        due_at,
                        case=case,
                        facts={"deadline": row.code, "due_on": row.due_on.isoformat()},
                    )
                )
    return planned


def meet(case: Case, roles: Iterable[str], on: date) -> None:
    """Note the day on which duties were met."""
    if roles:
        case.deadlines.filter(code__in=roles, met_on=None).update(met_on=on)


def unmeet(case: Case, roles: Iterable[str]) -> None:
    """A case was reopened: these duties are owed again."""
    case.deadlines.filter(code__in=roles).update(met_on=None)


def apply(case: Case, effect: str, given: Mapping[str, Any], *, by: Actor, today: date) -> None:
    """Write the stop, its end, or the extension that an act brings about."""
    if effect == "charge":
        ClockStop.objects.create(
            case=case,
            effect=case.rules.fee.effect,
            cause=ClockStop.Cause.FEE,
            stopped_on=today,
            by=by.user,
        )
    elif effect == "stop":
        incomplete = case.rules.incomplete
        doubted = not incomplete.doubt_required or bool(given.get("doubt"))
        ClockStop.objects.create(
            case=case,
            effect=incomplete.effect if doubted else "none",
            stopped_on=today,
            reason=given.get("doubt") or given.get("reason", ""),
            by=by.user,
        )
    elif effect == "resume":
        case.stops.filter(resumed_on=None).update(resumed_on=given["resumed_on"])
    elif effect == "extend":
        before = case.deadlines.get(code="decision").due_on
        granted = facts_of(case).with_grant(today)
        _begins, reckoning = reckon(case, granted, calendar_of(case))["decision"]
        if before is None or reckoning.due is None:
            raise ValueError("a clock that stands is not extended")
        ClockExtension.objects.create(
            case=case,
            granted_on=today,
            due_before=before,
            due_after=reckoning.due,
            reason=given.get("reason", ""),
            by=by.user,
        )
    if case.status in FINISHED:
        case.stops.filter(resumed_on=None).update(resumed_on=today)
        case.fees.filter(state=Fee.State.OPEN).update(state=Fee.State.LAPSED)


def why_not_extend(case: Case, today: date) -> str | None:
    """Why the decision cannot be put off now, or None."""
    if not case.rule.extension_allowed:
        return _("The rules allow no extension for this kind of request.")
    if case.extensions.count() >= case.rules.extension.max_times:
        return _("The due date was already extended as often as the rules allow.")
    row = case.deadlines.filter(code="decision", met_on=None).first()
    if row is None or row.due_on is None:
        return _("There is no running due date to extend.")
    if today > row.due_on:
        return _("The due date has passed; an extension must be notified before it.")
    return None


def why_not_resume(case: Case, resumed_on: Any, today: date) -> str | None:
    """Why the clock cannot resume on that day, or None."""
    if resumed_on is None:
        return None
    stop = case.stops.filter(resumed_on=None).first()
    if stop is None:
        return _("The clock is not stopped.")
    if not stop.stopped_on <= resumed_on <= today:
        return _("The answer must have arrived between %(first)s and today.") % {
            "first": stop.stopped_on.isoformat()
        }
    return None


def preview_extension(case: Case) -> date | None:
    """The due date an extension granted today would lead to."""
    granted = facts_of(case).with_grant(case.received_on)
    counted = reckon(case, granted, calendar_of(case)).get("decision")
    return counted[1].due if counted else None


def explain(case: Case, language: str) -> dict[str, tuple[str, ...]]:
    """How each due date was counted, in words, by role."""
    reckonings = reckon(case, facts_of(case), calendar_of(case))
    return {role: counted.explain(language) for role, (_begins, counted) in reckonings.items()}


def stale() -> CaseQuerySet:
    """Open cases whose clock was counted with an older calendar."""
    older = Q(pk__in=[])
    # Spelt out by controller: a comparison of two columns would read every open case.
    for pk, version in Controller.objects.values_list("pk", "calendar_version"):
        older |= Q(controller=pk, calendar_version__lt=version)
    return Case.objects.open().filter(older)
