"""Giving a package to the person: released, approved, fetched, handed over, revoked, renewed.

What can be fetched is asked each time anew: a case that was reopened, a time that is over or a
count that is used up closes the door, whatever the row says.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from dsar import decision, disclosure, ledger, lifecycle, notices
from dsar.acts import APPROVE, WORK
from dsar.ledger import Actor
from dsar.models import Case, Download, Notice, Package, Release

_State = Release.State
Way = Release.Way

WAYS: dict[str, tuple[Release.Way, ...]] = {
    Package.Form.OPEN: (Way.PORTAL,),
    Package.Form.LOCKED: (Way.MAIL, Way.DISC, Way.COUNTER),
    Package.Form.PRINT: (Way.POST, Way.COUNTER),
}
"""The ways that fit a form: nothing unencrypted is mailed or put on a disc."""
BY_HAND = (Way.DISC, Way.POST, Way.COUNTER)
"""Ways on which the desk itself brings the thing on its way, which is recorded."""
LIVE = (_State.PROPOSED, _State.OPEN)


def usual_way(case: Case) -> str:
    """The way that the delivery chosen by the person asks for."""
    delivery = case.rules.deliveries.get(case.delivery)
    return delivery.way if delivery else Way.PORTAL


def why_not_release(package: Package, way: str) -> str | None:
    """Why the package cannot be given this way, in words, or None."""
    if package.state != Package.State.READY or package.file is None:
        return _("The package is not ready.")
    if not disclosure.is_current(package) or not disclosure.gives(package.case):
        return _("The package was put together for an earlier decision. Put it together again.")
    if way not in WAYS[package.form]:
        return _("This package is not of the form that this way needs.")
    if way in (Way.PORTAL, Way.MAIL) and not package.case.email():
        return _("The person has no e-mail address: choose another way.")
    if way == Way.MAIL and package.file.size > settings.MAIL_PACKAGE_MAX_BYTES:
        return _(
            "The package is larger than %(limit)d MB, too large for a mail. Release it on the "
            "portal instead."
        ) % {"limit": settings.MAIL_PACKAGE_MAX_BYTES // (1024 * 1024)}
    live = package.case.releases.filter(way=way, state__in=LIVE)
    if live.filter(state=_State.PROPOSED).exists():
        return _("A release this way waits for approval already.")
    return None


def propose(
    package: Package,
    way: str,
    *,
    by: Actor,
    at: datetime,
    tells_passphrase: bool = False,
) -> Release:
    """Release a package, or have a second person approve it where the controller's policy asks.

    Args:
        tells_passphrase: whether the person finds the passphrase on the portal.

    Raises:
        lifecycle.NotAllowed: not this package, not this way, or not now.
    """
    case = package.case
    if by.user is None or not by.user.has_perm(WORK):
        raise lifecycle.NotAllowed(_("Your role does not allow this."))
    with transaction.atomic():
        Case.objects.select_for_update(of=("self",)).only("pk").get(pk=case.pk)
        refusal = why_not_release(package, way)
        if refusal:
            raise lifecycle.NotAllowed(refusal)
        release = Release.objects.create(
            case=case,
            package=package,
            way=way,
            state=_State.PROPOSED,
            tells_passphrase=tells_passphrase and package.form == Package.Form.LOCKED,
            proposed_at=at,
            proposed_by=by.user,
        )
        if decision.sending_needs_approval(case):
            _note(release, "propose_release", by, at)
            notices.write([notices.new(notices.DESK_RELEASE, at, case=case)], at)
        else:
            _open(release, by, at, "release")
    return release


def why_not_approve(release: Release, by: Actor) -> str | None:
    """Why `by` may not approve the release, in words, or None."""
    if release.state != _State.PROPOSED:
        return _("No release is waiting for approval.")
    if by.user is None or not by.user.has_perm(APPROVE):
        return _("Your role does not allow this.")
    if by.user.pk == release.proposed_by_id:
        return _("A release is approved by someone other than the person who proposed it.")
    return None


def approve(release: Release, *, by: Actor, at: datetime) -> None:
    """The second pair of eyes agrees: the release is open.

    Raises:
        lifecycle.NotAllowed: not by this person, or not any more.
    """
    refusal = why_not_approve(release, by)
    package = release.package
    package.case = release.case
    if refusal is None and not disclosure.is_current(package):
        refusal = _("The package was put together for an earlier decision. Put it together again.")
    if refusal:
        raise lifecycle.NotAllowed(refusal)
    with transaction.atomic():
        _hold(release, _State.PROPOSED)
        release.approved_by = by.user
        _open(release, by, at, "approve_release")


def decline(release: Release, reason: str, *, by: Actor, at: datetime) -> None:
    """The second pair of eyes does not agree, and says why.

    Raises:
        lifecycle.NotAllowed: not by this person, or not any more.
    """
    refusal = why_not_approve(release, by)
    if refusal:
        raise lifecycle.NotAllowed(refusal)
    with transaction.atomic():
        _hold(release, _State.PROPOSED)
        release.state, release.ended_at = _State.DECLINED, at
        release.save(update_fields=["state", "ended_at"])
        _note(release, "decline_release", by, at, texts={"reason": reason})


def revoke(release: Release, *, by: Actor, at: datetime) -> None:
    """Close a release, or take a proposed one back.

    Raises:
        lifecycle.NotAllowed: it is closed already.
    """
    with transaction.atomic():
        _hold(release, *LIVE)
        act = "revoke_release" if release.state == _State.OPEN else "withdraw_release"
        release.state, release.ended_at = _State.REVOKED, at
        release.save(update_fields=["state", "ended_at"])
        _note(release, act, by, at)


def renew(release: Release, *, by: Actor, at: datetime) -> None:
    """Open a portal release for another while and as many downloads more; the person is told.

    The same package goes to the same person, so it is not approved again.

    Raises:
        lifecycle.NotAllowed: revoked, or the case was decided anew.
    """
    refusal = why_not_renew(release)
    if refusal:
        raise lifecycle.NotAllowed(refusal)
    with transaction.atomic():
        _hold(release, _State.OPEN)
        release.expires_at = at + timedelta(days=settings.RELEASE_DAYS)
        release.allowed = release.fetched + settings.RELEASE_DOWNLOADS
        release.save(update_fields=["expires_at", "allowed"])
        _note(release, "renew_release", by, at, until=release.expires_at)
        notices.write([_told(notices.RELEASED, release, at)], at)


def why_not_renew(release: Release) -> str | None:
    """Why a release cannot be renewed, in words, or None."""
    if release.way != Way.PORTAL or release.state != _State.OPEN:
        return _("Only what was released on the portal can be renewed.")
    release.package.case = release.case
    if not disclosure.is_current(release.package) or release.package.file_id is None:
        return _("The package was put together for an earlier decision. Put it together again.")
    return None


def hand_over(release: Release, on: date, note: str, *, by: Actor, at: datetime) -> None:
    """Record that paper or disc was posted or handed over.

    Args:
        note: tracking number; at the counter, how the person proved who they are.

    Raises:
        lifecycle.NotAllowed: not open, not by hand, or recorded already.
    """
    refusal = why_not_hand_over(release)
    if refusal:
        raise lifecycle.NotAllowed(refusal)
    with transaction.atomic():
        _hold(release, _State.OPEN)
        if release.handed_on is not None:
            raise lifecycle.NotAllowed(_("The handing over is recorded already."))
        release.handed_on, release.handed_by, release.handing_note = on, by.user, note
        release.save(update_fields=["handed_on", "handed_by", "handing_note"])
        ledger.append(
            release.case,
            "hand_over",
            by=by,
            at=at,
            facts={"release": release.pk, "way": release.way, "handed_on": on.isoformat()},
            texts={"proof": note},
        )


def why_not_hand_over(release: Release) -> str | None:
    """Why there is nothing to hand over, in words, or None."""
    if release.way not in BY_HAND or release.state != _State.OPEN:
        return _("Nothing of this release is handed over by the desk.")
    if release.handed_on is not None:
        return _("The handing over is recorded already.")
    return None


def show_passphrase(package: Package, *, by: Actor, at: datetime) -> str:
    """The passphrase for the officer, once; empty if it was shown already.

    Where the person finds it on the portal as well, it stays for them alone.
    """
    with transaction.atomic():
        row = Package.objects.select_for_update(of=("self",)).select_related("case__key")
        held = row.get(pk=package.pk)
        if held.passphrase_seen_at is not None or not held.passphrase:
            return ""
        phrase = held.passphrase
        held.passphrase_seen_at = at
        if not held.releases.filter(tells_passphrase=True, state__in=LIVE).exists():
            held.passphrase = ""
        held.save(update_fields=["passphrase_seen_at", "passphrase"])
        ledger.append(held.case, "show_passphrase", by=by, at=at, facts={"package": package.pk})
    return phrase


# --- What the person may do ---------------------------------------------------------------
def offered(case: Case) -> list[Release]:
    """What the person can see on the portal: open releases of what was decided last."""
    found = []
    for row in case.releases.filter(state=_State.OPEN).select_related("package__file"):
        package = row.package
        row.case = package.case = case
        if not disclosure.is_current(package) or package.file is None:
            continue
        if row.way == Way.PORTAL or (row.tells_passphrase and package.passphrase):
            found.append(row)
    return found


def why_closed(release: Release, at: datetime) -> str | None:
    """Why the person cannot fetch the release now, in their words, or None."""
    if release.state != _State.OPEN or not disclosure.is_current(release.package):
        return _("This is no longer released. Please ask the desk.")
    if release.is_expired(at):
        return _("The time for this has passed. Please ask the desk to release it again.")
    if release.is_used_up():
        return _(
            "It was downloaded as often as is possible. Please ask the desk to release it again."
        )
    return None


def fetch(release: Release, at: datetime) -> Download | None:
    """Count one download; None if it is not open. Of two at once for the last, one wins."""
    with transaction.atomic():
        counted = Release.objects.filter(
            pk=release.pk,
            way=Way.PORTAL,
            state=_State.OPEN,
            expires_at__gt=at,
            fetched__lt=F("allowed"),
        ).update(fetched=F("fetched") + 1)
        if not counted or why_closed(release, at):
            return None
        row = Download.objects.create(release=release, at=at)
        _note(release, "fetch_release", ledger.REQUESTER, at)
    return row


def note_passphrase_read(release: Release, at: datetime) -> str:
    """The passphrase for the person, whose look is written down; empty if it is gone."""
    if release.state != _State.OPEN or not release.tells_passphrase or release.is_expired(at):
        return ""
    phrase = release.package.passphrase
    if phrase:
        with transaction.atomic():
            _note(release, "read_passphrase", ledger.REQUESTER, at)
    return phrase


# --- What is left undone ------------------------------------------------------------------
def is_unsent(case: Case) -> bool:
    """Whether data was granted, and nothing of it was released or handed over yet."""
    if not disclosure.gives(case):
        return False
    given = case.releases.filter(state=_State.OPEN).select_related("package")
    return not any(
        row.package.decided_at == case.decided_at
        and (row.handed_on is not None or row.way not in BY_HAND)
        for row in given
    )


def forget_passphrases(now: datetime) -> int:
    """Empty the passphrases that were read and that nobody may read any more; returns how many."""
    read = Package.objects.exclude(passphrase_seen_at=None).exclude(passphrase=b"")
    dropped = 0
    for package in read.prefetch_related("releases"):
        if not any(row.state in LIVE and not row.is_expired(now) for row in package.releases.all()):
            dropped += Package.objects.filter(pk=package.pk).update(passphrase=b"")
    return dropped


def _open(release: Release, by: Actor, at: datetime, act: str) -> None:
    """Open a release: its time and count begin, and the person is told where there is mail."""
    release.state, release.released_at = _State.OPEN, at
    release.expires_at = at + timedelta(days=settings.RELEASE_DAYS)
    release.allowed = settings.RELEASE_DOWNLOADS if release.way == Way.PORTAL else 0
    release.save()
    # One door at a time: what was released the same way before is closed.
    earlier = release.case.releases.filter(way=release.way, state=_State.OPEN, handed_on=None)
    earlier.exclude(pk=release.pk).update(state=_State.REVOKED, ended_at=at)
    _note(release, act, by, at, until=release.expires_at if release.way == Way.PORTAL else None)
    if release.way == Way.MAIL:
        notices.write([_told(notices.PACKAGE_MAIL, release, at)], at)
    elif release.way == Way.PORTAL or release.tells_passphrase:
        notices.write([_told(notices.RELEASED, release, at)], at)


def _told(kind: str, release: Release, at: datetime) -> Notice:
    return notices.new(kind, at, case=release.case, facts={"release": release.pk})


def _hold(release: Release, *states: str) -> None:
    """Lock the row and bring it up to date. Raises lifecycle.NotAllowed if its state changed."""
    row = Release.objects.select_for_update(of=("self",)).get(pk=release.pk)
    if row.state not in states:
        raise lifecycle.NotAllowed(_("This release was changed meanwhile. Look at it again."))
    for name in ("state", "fetched", "allowed", "expires_at", "handed_on"):
        setattr(release, name, getattr(row, name))


def _note(
    release: Release,
    act: str,
    by: Actor,
    at: datetime,
    *,
    until: datetime | None = None,
    texts: dict[str, str] | None = None,
) -> None:
    facts = {"release": release.pk, "package": release.package_id, "way": release.way}
    if until is not None:
        facts["until"] = until.isoformat()
    ledger.append(release.case, act, by=by, at=at, facts=facts, texts=texts)
