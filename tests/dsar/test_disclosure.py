"""The package: what is in it, and how it is built, once, whatever happens to the worker."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage

from dsar import disclosure, files, ledger, lifecycle, materials
from dsar.models import Attachment, Case, Material, Package, StaffMember
from tests import factories
from tests.dsar import disclosing

pytestmark = pytest.mark.django_db
_State = Package.State


@pytest.fixture(autouse=True)
def _that_day(freeze: Any, now: datetime, media: Any) -> None:
    freeze(now)


@pytest.fixture
def case(file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime) -> Case:
    made: Case = file_case()
    return disclosing.granted(made, officer=officer, approver=approver, at=now)


@pytest.fixture
def by(officer: StaffMember) -> ledger.Actor:
    return ledger.staff(officer)


def stored() -> int:
    """How many files lie on the storage."""
    return sum(1 for _name in files._stored(files.FOLDER))


class Killed(BaseException):
    """Stands for a worker that dies in the middle."""


def test_a_package_holds_index_tables_files_and_a_manifest_of_them_all(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    assert list(members) == [
        "tables/01-会員情報.csv",
        "tables/01-会員情報.json",
        "files/02-通話記録.pdf",
        "files/03-写真.jpg",
        "files/04-メモ.txt",
        "index.html",
        "index.pdf",
        "schema.json",
        "manifest.json",
    ]
    manifest = json.loads(members["manifest.json"])
    assert manifest["case"] == case.shown_number
    told = {entry["path"]: entry for entry in manifest["members"]}
    assert set(told) == set(members) - {"manifest.json"}
    for name, entry in told.items():
        assert entry["sha256"] == hashlib.sha256(members[name]).hexdigest()
        assert entry["size"] == len(members[name])
    assert told["tables/01-会員情報.csv"]["rows"] == 2
    assert members["files/04-メモ.txt"] == b"plain words"
    assert members["index.pdf"].startswith(b"%PDF-")


def test_tables_are_csv_for_spreadsheets_and_json_as_found(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    text = members["tables/01-会員情報.csv"].decode("utf-8-sig")
    assert members["tables/01-会員情報.csv"].startswith(b"\xef\xbb\xbf")
    assert "'=HYPERLINK" in text
    assert "'+81-90-0000-0000" in text
    assert ",-500\r\n" in text
    assert "𠮷田 髙子" in text
    table = json.loads(members["tables/01-会員情報.json"])
    assert table == {"title": "会員情報", "rows": disclosing.TABLE}


def test_the_index_tells_the_decision_and_links_every_file_in_the_persons_language(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    page = members["index.html"].decode()
    assert '<html lang="ja">' in page
    assert case.shown_number in page
    assert "株式会社サンプル" in page
    assert 'href="files/04-%E3%83%A1%E3%83%A2.txt"' in page
    assert "http://" not in page
    assert "<script" not in page


def test_material_that_is_left_out_is_not_in_the_package(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    case.materials.filter(form=Material.Form.OTHER).update(state=Material.State.LEFT_OUT)
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    assert not any("メモ" in name for name in members)
    assert "メモ" not in members["index.html"].decode().replace("メモリ", "")


def test_what_is_given_is_the_redacted_copy(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    row = case.materials.get(form=Material.Form.PDF)
    row.case = case
    row.released = files.keep(
        [disclosing.a_pdf(text="masked")],
        case=case,
        name="masked.pdf",
        content_type="application/pdf",
        purpose=Attachment.Purpose.RELEASED,
        at=now,
    )
    row.save()
    case.controller.watermark = False
    case.controller.save()
    case = Case.objects.get(pk=case.pk)
    members = disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now))
    pdf = next(value for name, value in members.items() if name.startswith("files/02"))
    assert b"".join(files.read(row.released)) == pdf


def test_a_title_becomes_a_file_name_that_no_system_refuses(
    file_case: Any, officer: StaffMember, approver: StaffMember, now: datetime
) -> None:
    case = file_case()
    factories.advance(case, "in_progress", officer=officer, approver=approver, at=now)
    title = '../../etc/a:b*"<>|\u202e.' + "長" * 200
    disclosing.include(materials.add_table(case, title, ["a"], [{"a": 1}], at=now))
    factories.advance(case, "decided", officer=officer, approver=approver, at=now)
    names = list(disclosing.unzipped(disclosing.built(case, "open", officer=officer, at=now)))
    assert names[0].startswith("tables/01-_.._etc_a_b______.長")
    assert len(names[0]) < 110
    assert names[0].count("/") == 1


# --- Building -----------------------------------------------------------------------------
def test_nothing_is_put_together_before_the_request_is_granted(
    file_case: Any, advance: Any, by: ledger.Actor, now: datetime
) -> None:
    case = file_case()
    advance(case, "in_progress")
    disclosing.add_materials(case, now)
    with pytest.raises(lifecycle.NotAllowed):
        disclosure.order(case, "open", by=by, at=now)


def test_a_kind_that_gives_nothing_out_has_no_package(
    file_case: Any, advance: Any, by: ledger.Actor, now: datetime
) -> None:
    case = file_case(kind="correction")
    advance(case, "decided")
    with pytest.raises(lifecycle.NotAllowed):
        disclosure.order(case, "open", by=by, at=now)


def test_a_package_is_asked_for_once_and_queued(
    case: Case,
    by: ledger.Actor,
    now: datetime,
    queued: list[Any],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = disclosure.order(case, "open", by=by, at=now)
    second = disclosure.order(case, "open", by=by, at=now)
    assert first == second
    assert ("dsar.build_package", first.pk) in queued
    assert case.events.filter(act="order_package").count() == 1


def test_of_two_workers_one_builds(case: Case, by: ledger.Actor, now: datetime) -> None:
    package = disclosure.order(case, "open", by=by, at=now)
    Package.objects.filter(pk=package.pk).update(
        state=_State.BUILDING, tries=1, claimed_until=now + timedelta(minutes=1)
    )
    assert disclosure.build(package.pk, now) is None
    assert disclosure.sweep(now) == []


def test_a_build_that_is_done_is_not_done_again(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    package = disclosing.built(case, "open", officer=officer, at=now)
    assert disclosure.build(package.pk, now) is None
    event = case.events.get(act="build_package")
    assert event.facts["sha256"] == hashlib.sha256(disclosing.content(package)).hexdigest()
    ledger.verify(Case.objects.get(pk=case.pk))


def test_a_worker_killed_in_the_middle_loses_nothing_and_leaves_nothing_behind(
    case: Case,
    by: ledger.Actor,
    now: datetime,
    freeze: Any,
    monkeypatch: pytest.MonkeyPatch,
    queued: list[Any],
) -> None:
    package = disclosure.order(case, "open", by=by, at=now)
    before = stored()
    with monkeypatch.context() as patch:

        def dies(self: Any) -> None:
            raise Killed

        patch.setattr(disclosure.Progress, "part", dies)
        # A killed worker cleans nothing up.
        patch.setattr(files, "drop_bytes", lambda stored_as: None)
        with pytest.raises(Killed):
            disclosure.build(package.pk, now)
    package.refresh_from_db()
    assert package.state == _State.BUILDING
    left = package.stored_as
    assert default_storage.exists(left)
    later = now + disclosure.LEASE + timedelta(seconds=1)
    freeze(later)
    assert disclosure.sweep(later) == [package.pk]
    assert disclosure.build(package.pk, later) == _State.READY
    assert not default_storage.exists(left)
    assert stored() == before + 1
    package = Package.objects.select_related("case__key", "file").get(pk=package.pk)
    assert "manifest.json" in disclosing.unzipped(package)


def test_a_slow_worker_that_was_replaced_drops_its_bytes_and_changes_nothing(
    case: Case, by: ledger.Actor, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = disclosure.order(case, "open", by=by, at=now)
    before = stored()
    real = disclosure.Progress.part

    def overtaken(self: Any) -> None:
        Package.objects.filter(pk=package.pk).update(tries=9)
        real(self)

    monkeypatch.setattr(disclosure.Progress, "part", overtaken)
    assert disclosure.build(package.pk, now) is None
    package.refresh_from_db()
    assert (package.state, package.tries, package.file) == (_State.BUILDING, 9, None)
    assert stored() == before


def test_a_build_that_workers_die_over_is_given_up(
    case: Case, by: ledger.Actor, now: datetime
) -> None:
    package = disclosure.order(case, "open", by=by, at=now)
    Package.objects.filter(pk=package.pk).update(tries=disclosure.MAX_TRIES)
    assert disclosure.build(package.pk, now) == _State.FAILED
    package.refresh_from_db()
    assert package.fault == "given_up"


def test_a_file_that_was_altered_fails_the_package_and_is_told(
    case: Case, by: ledger.Actor, now: datetime
) -> None:
    row = case.materials.select_related("original").get(form=Material.Form.OTHER)
    with default_storage.open(row.original.stored_as, "r+b") as file:
        file.seek(40)
        file.write(b"\0\0\0\0")
    package = disclosure.order(case, "open", by=by, at=now)
    assert disclosure.build(package.pk, now) == _State.FAILED
    package.refresh_from_db()
    assert package.fault == "unreadable"
    again = disclosure.order(case, "open", by=by, at=now)
    assert again.pk != package.pk


def test_a_new_package_takes_the_place_of_one_that_was_never_released(
    case: Case, officer: StaffMember, now: datetime
) -> None:
    first = disclosing.built(case, "open", officer=officer, at=now)
    before = stored()
    second = disclosing.built(case, "open", officer=officer, at=now)
    first.refresh_from_db()
    assert first.file is None
    assert second.file is not None
    assert stored() <= before + 1


def test_a_package_of_an_earlier_decision_is_not_built(
    case: Case, by: ledger.Actor, approver: StaffMember, now: datetime
) -> None:
    package = disclosure.order(case, "open", by=by, at=now)
    factories.do(case, "reopen", by=ledger.staff(approver), at=now)
    assert disclosure.build(package.pk, now) == _State.FAILED
    package.refresh_from_db()
    assert package.fault == "outdated"


def test_the_usual_form_follows_the_delivery_that_was_chosen(file_case: Any) -> None:
    forms = {
        way: disclosure.usual_form(file_case(method=method, delivery=way))
        for method, way in (
            ("electronic_record", "portal_download"),
            ("electronic_record", "encrypted_mail"),
            ("electronic_record", "cd_r"),
            ("paper", "post_kan-i_kakitome"),
        )
    }
    assert forms == {
        "portal_download": "open",
        "encrypted_mail": "locked",
        "cd_r": "locked",
        "post_kan-i_kakitome": "print",
    }
