"""Giving a package to the person: by whom, how long, how often, and what closes the door."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dsar import ledger, lifecycle, mail, notices, release, reminders
from dsar.models import Case, Notice, Package, Release, StaffMember
from tests import factories
from tests.dsar import disclosing

pytestmark = pytest.mark.django_db
Way, State = Release.Way, Release.State


@pytest.fixture(autouse=True)
def _that_day(freeze: Any, now: datetime, media: Any) -> None:
    freeze(now)


@pytest.fixture
def alone(controller: Any) -> None:
    """Sending needs no second person here."""
    controller.four_eyes = []
    controller.save()


@pytest.fixture
def case(file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime) -> Case:
    made: Case = file_case()
    return disclosing.granted(made, officer=officer, approver=approver, at=now)


@pytest.fixture
def by(officer: StaffMember) -> ledger.Actor:
    return ledger.staff(officer)


@pytest.fixture
def second(approver: StaffMember) -> ledger.Actor:
    return ledger.staff(approver)


@pytest.fixture
def package(case: Case, officer: StaffMember, now: datetime) -> Package:
    return disclosing.built(case, "open", officer=officer, at=now)


@pytest.fixture
def locked(case: Case, officer: StaffMember, now: datetime) -> Package:
    return disclosing.built(case, "locked", officer=officer, at=now)


def opened(package: Package, way: str, by: Any, second: Any, at: datetime, **more: Any) -> Release:
    """A release that is open, approved where that is asked for."""
    row = release.propose(package, way, by=by, at=at, **more)
    if row.state == State.PROPOSED:
        release.approve(row, by=second, at=at)
    return disclosing.the_release(package.case)


def test_where_the_policy_asks_a_second_person_approves_before_anyone_is_told(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = release.propose(package, Way.PORTAL, by=by, at=now)
    case = package.case
    assert row.state == State.PROPOSED
    assert release.offered(case) == []
    assert case.notices.filter(kind=notices.DESK_RELEASE).exists()
    assert not case.notices.filter(kind=notices.RELEASED).exists()
    release.approve(row, by=second, at=now)
    assert [found.pk for found in release.offered(case)] == [row.pk]
    assert case.notices.filter(kind=notices.RELEASED).exists()
    assert row.expires_at == now + timedelta(days=7)
    assert row.allowed == 5
    ledger.verify(Case.objects.get(pk=case.pk))


def test_nobody_approves_what_they_proposed(
    package: Package, second: ledger.Actor, now: datetime
) -> None:
    row = release.propose(package, Way.PORTAL, by=second, at=now)
    with pytest.raises(lifecycle.NotAllowed):
        release.approve(row, by=second, at=now)


def test_an_officer_does_not_approve(
    package: Package, by: ledger.Actor, other_officer: StaffMember, now: datetime
) -> None:
    row = release.propose(package, Way.PORTAL, by=by, at=now)
    with pytest.raises(lifecycle.NotAllowed):
        release.approve(row, by=ledger.staff(other_officer), at=now)


def test_of_two_approvals_at_once_the_second_is_refused(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = release.propose(package, Way.PORTAL, by=by, at=now)
    copy = Release.objects.select_related("case", "package").get(pk=row.pk)
    release.approve(row, by=second, at=now)
    with pytest.raises(lifecycle.NotAllowed):
        release.approve(copy, by=second, at=now)
    assert package.case.events.filter(act="approve_release").count() == 1


def test_a_declined_release_gives_nothing(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = release.propose(package, Way.PORTAL, by=by, at=now)
    release.decline(row, "宛先をもう一度見てください。", by=second, at=now)
    assert release.offered(package.case) == []
    event = package.case.events.get(act="decline_release")
    assert event.texts() == {"reason": "宛先をもう一度見てください。"}


@pytest.mark.usefixtures("alone")
def test_without_that_policy_it_is_open_at_once(
    package: Package, by: ledger.Actor, now: datetime
) -> None:
    assert release.propose(package, Way.PORTAL, by=by, at=now).state == State.OPEN


def test_an_auditor_releases_nothing(package: Package, auditor: StaffMember, now: datetime) -> None:
    with pytest.raises(lifecycle.NotAllowed):
        release.propose(package, Way.PORTAL, by=ledger.staff(auditor), at=now)


def test_nothing_unencrypted_is_mailed_or_put_on_a_disc(
    package: Package, by: ledger.Actor, now: datetime
) -> None:
    for way in (Way.MAIL, Way.DISC, Way.COUNTER, Way.POST):
        with pytest.raises(lifecycle.NotAllowed):
            release.propose(package, way, by=by, at=now)


# --- Fetching -----------------------------------------------------------------------------
def test_each_download_is_a_row_and_an_event_until_the_count_is_used_up(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime, settings: Any
) -> None:
    settings.RELEASE_DOWNLOADS = 2
    row = opened(package, Way.PORTAL, by, second, now)
    assert release.fetch(row, now) is not None
    assert release.fetch(row, now) is not None
    assert release.fetch(row, now) is None
    assert row.downloads.count() == 2
    assert package.case.events.filter(act="fetch_release").count() == 2
    assert release.why_closed(disclosing.the_release(package.case), now) is not None


def test_after_its_time_it_is_closed(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = opened(package, Way.PORTAL, by, second, now)
    assert release.why_closed(row, now + timedelta(days=7, seconds=-1)) is None
    later = now + timedelta(days=7)
    assert release.why_closed(row, later) is not None
    assert release.fetch(row, later) is None


def test_a_revoked_release_is_closed_at_once(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = opened(package, Way.PORTAL, by, second, now)
    stale = disclosing.the_release(package.case)
    release.revoke(row, by=by, at=now)
    assert release.fetch(stale, now) is None
    assert release.offered(package.case) == []


def test_a_reopened_case_closes_what_was_released(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = opened(package, Way.PORTAL, by, second, now)
    factories.do(row.case, "reopen", by=second, at=now)
    row.package.case = row.case
    assert release.fetch(row, now) is None
    assert release.offered(row.case) == []
    assert row.downloads.count() == 0


def test_a_renewed_release_has_time_and_downloads_anew(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime, settings: Any
) -> None:
    settings.RELEASE_DOWNLOADS = 1
    row = opened(package, Way.PORTAL, by, second, now)
    release.fetch(row, now)
    later = now + timedelta(days=10)
    release.renew(row, by=by, at=later)
    assert release.fetch(disclosing.the_release(package.case), later) is not None
    assert package.case.notices.filter(kind=notices.RELEASED).count() == 2


def test_a_second_release_closes_the_first(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    first = opened(package, Way.PORTAL, by, second, now)
    opened(package, Way.PORTAL, by, second, now + timedelta(hours=1))
    first.refresh_from_db()
    assert first.state == State.REVOKED


# --- Mail and passphrase ------------------------------------------------------------------
def test_the_encrypted_file_is_attached_and_its_passphrase_is_not_in_the_mail(
    locked: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    opened(locked, Way.MAIL, by, second, now)
    notice = Notice.objects.select_related("case__key", "case__controller").get(
        kind=notices.PACKAGE_MAIL
    )
    message = mail.compose(notice, now)
    name, content, mime = message.attachments[0]
    assert (name, mime) == (f"{locked.case.shown_number}.zip", "application/zip")
    assert content == disclosing.content(locked)
    assert locked.passphrase not in str(message.message())
    assert "見本" not in str(message.body)


def test_a_package_too_large_for_a_mail_is_sent_to_the_portal(
    locked: Package, by: ledger.Actor, now: datetime, settings: Any
) -> None:
    settings.MAIL_PACKAGE_MAX_BYTES = 10
    with pytest.raises(lifecycle.NotAllowed):
        release.propose(locked, Way.MAIL, by=by, at=now)


def test_a_mail_of_a_revoked_release_is_not_sent(
    locked: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = opened(locked, Way.MAIL, by, second, now)
    release.revoke(row, by=by, at=now)
    notice = Notice.objects.select_related("case__key").get(kind=notices.PACKAGE_MAIL)
    assert reminders.why_moot(notice) == "no longer released"
    with pytest.raises(mail.Moot):
        mail.compose(notice, now)


def test_the_officer_sees_the_passphrase_once(
    locked: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    opened(locked, Way.DISC, by, second, now)
    assert release.show_passphrase(locked, by=by, at=now) == locked.passphrase
    assert release.show_passphrase(locked, by=by, at=now) == ""
    held = Package.objects.select_related("case__key").get(pk=locked.pk)
    assert held.passphrase == ""
    assert locked.case.events.filter(act="show_passphrase").count() == 1


def test_a_passphrase_for_the_portal_stays_for_the_person_while_it_is_released(
    locked: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = opened(locked, Way.MAIL, by, second, now, tells_passphrase=True)
    release.show_passphrase(locked, by=by, at=now)
    [offered] = release.offered(locked.case)
    assert offered.pk == row.pk
    assert release.note_passphrase_read(offered, now) == locked.passphrase
    assert release.note_passphrase_read(offered, now + timedelta(days=7)) == ""
    assert release.forget_passphrases(now) == 0
    assert release.forget_passphrases(now + timedelta(days=8)) == 1


# --- By hand ------------------------------------------------------------------------------
def test_handing_over_is_recorded_once_with_how_the_person_proved_who_they_are(
    case: Case, officer: StaffMember, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    printed = disclosing.built(case, "print", officer=officer, at=now)
    row = opened(printed, Way.COUNTER, by, second, now)
    assert release.is_unsent(case)
    release.hand_over(row, now.date(), "運転免許証を確認", by=by, at=now)
    assert not release.is_unsent(case)
    assert case.events.get(act="hand_over").texts() == {"proof": "運転免許証を確認"}
    with pytest.raises(lifecycle.NotAllowed):
        release.hand_over(row, now.date(), "もう一度", by=by, at=now)


def test_what_goes_by_the_portal_is_not_handed_over(
    package: Package, by: ledger.Actor, second: ledger.Actor, now: datetime
) -> None:
    row = opened(package, Way.PORTAL, by, second, now)
    assert not release.is_unsent(package.case)
    with pytest.raises(lifecycle.NotAllowed):
        release.hand_over(row, now.date(), "x", by=by, at=now)
