"""How a person comes back: codes, claims and what the session remembers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar import notices, vault
from dsar.models import AccessCode, Case, Notice
from dsar.requester import access

pytestmark = pytest.mark.django_db


def sent_codes() -> list[str]:
    """The codes of the mails that wait, the oldest first."""
    rows = Notice.objects.filter(kind=notices.ACCESS_CODE).order_by("pk")
    return [row.secret["code"] for row in rows.select_related("case__key")]


@pytest.fixture
def case(filed: Any, noon: datetime) -> Case:
    made: Case = filed(at=noon)
    return made


def test_the_right_pair_gets_a_code_that_opens_the_case(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    assert claim.case_id == case.pk
    [code] = sent_codes()
    assert access.enter(claim, code, at=noon) is True


def test_a_code_may_be_typed_in_full_width_and_with_spaces(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert access.enter(claim, f" {wide[:3]} {wide[3:]} ", at=noon) is True


def test_the_code_is_kept_as_a_keyed_digest_only(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    row = AccessCode.objects.get()
    notice = Notice.objects.filter(kind=notices.ACCESS_CODE).values("facts", "secret").get()
    assert bytes(row.digest) == vault.keyed_digest("access", f"{case.pk}:{code}")
    assert notice["facts"] == {}
    assert code.encode() not in notice["secret"].raw


@pytest.mark.parametrize("wrong", ["unknown number", "wrong receipt code"])
def test_a_pair_that_does_not_match_leaves_no_row_behind(
    case: Case, receipt_code: str, noon: datetime, wrong: str
) -> None:
    number = case.number if wrong == "wrong receipt code" else "261100000000"
    code = "0" * 16 if wrong == "wrong receipt code" else receipt_code
    claim = access.begin(number, code, at=noon)
    assert claim == access.Claim(0, 0)
    assert not AccessCode.objects.exists()
    assert not sent_codes()


def test_a_pair_that_does_not_match_is_worked_on_with_the_same_statements(
    case: Case, receipt_code: str, noon: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    def work(number: str, code: str, at: datetime) -> tuple[list[str], int]:
        """The kinds of statements in order, and how many tasks were queued."""
        with (
            django_capture_on_commit_callbacks() as queued,
            CaptureQueriesContext(connection) as done,
        ):
            access.begin(number, code, at=at)
        words = [query["sql"].split()[0] for query in done]
        return [word for word in words if word not in ("ROLLBACK", "RELEASE")], len(queued)

    right = work(case.number, receipt_code, noon)
    wrong_code = work(case.number, "0" * 16, noon + timedelta(seconds=1))
    unknown = work("261100000000", receipt_code, noon + timedelta(seconds=2))
    assert right == wrong_code == unknown
    assert right[1] == 1
    assert right[0].count("INSERT") == 2


def test_nothing_is_sent_when_the_person_gave_no_email(
    filed: Any, receipt_code: str, noon: datetime
) -> None:
    case = filed(email="", at=noon)
    claim = access.begin(case.number, receipt_code, at=noon)
    assert claim.code_id == 0
    assert not sent_codes()


def test_the_code_goes_to_the_principal_when_the_agent_gave_no_address(
    filed: Any, receipt_code: str, noon: datetime
) -> None:
    case = filed(agent={"name": "代理 花子"}, requester_role="statutory_agent", at=noon)
    assert case.email() == "taro@example.jp"
    assert access.begin(case.number, receipt_code, at=noon).code_id != 0


def test_nothing_is_sent_for_a_case_whose_key_was_destroyed(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    case.key.destroy(noon)
    assert access.begin(case.number, receipt_code, at=noon) == access.Claim(0, 0)
    assert not AccessCode.objects.exists()


def test_a_code_is_too_old_after_ten_minutes(case: Case, receipt_code: str, noon: datetime) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    assert access.enter(claim, code, at=noon + timedelta(minutes=10)) is False
    assert access.enter(claim, code, at=noon + timedelta(minutes=9, seconds=59)) is True


def test_a_code_cannot_be_used_twice(case: Case, receipt_code: str, noon: datetime) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    assert access.enter(claim, code, at=noon) is True
    assert access.enter(claim, code, at=noon) is False


def test_of_two_parallel_uses_of_one_code_one_wins(
    case: Case, receipt_code: str, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    results = []
    compare = vault.same

    def slowly(left: bytes, right: bytes) -> bool:
        # The other one comes in after this one has compared and before it spends the code.
        monkeypatch.setattr(vault, "same", compare)
        results.append(access.enter(claim, code, at=noon))
        return compare(left, right)

    monkeypatch.setattr(vault, "same", slowly)
    results.append(access.enter(claim, code, at=noon))
    assert sorted(results) == [False, True]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_connections_with_one_code_one_wins(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    start = Barrier(4)

    def use(_number: int) -> bool:
        try:
            start.wait(timeout=10)
            return access.enter(claim, code, at=noon)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(use, range(4))) == [False, False, False, True]


def test_after_five_wrong_tries_even_the_right_code_is_refused(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    claim = access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _try in range(access.MAX_ATTEMPTS):
        assert access.enter(claim, wrong, at=noon) is False
    assert access.enter(claim, code, at=noon) is False
    assert AccessCode.objects.get().attempts == access.MAX_ATTEMPTS


def test_a_new_code_replaces_the_one_before(case: Case, receipt_code: str, noon: datetime) -> None:
    first = access.begin(case.number, receipt_code, at=noon)
    second = access.send_again(first, at=noon + timedelta(minutes=1))
    old, new = sent_codes()
    if old != new:
        assert access.enter(second, old, at=noon + timedelta(minutes=1)) is False
    assert access.enter(second, new, at=noon + timedelta(minutes=1)) is True


def test_sending_again_for_a_pair_that_did_not_match_sends_nothing(
    case: Case, noon: datetime
) -> None:
    claim = access.begin(case.number, "0" * 16, at=noon)
    assert access.send_again(claim, at=noon) == access.Claim(0, 0)
    assert not sent_codes()


def test_a_case_gets_five_codes_an_hour_and_the_answer_stays_the_same(
    case: Case, receipt_code: str, noon: datetime
) -> None:
    for minute in range(access.CODES_AN_HOUR):
        access.begin(case.number, receipt_code, at=noon + timedelta(minutes=minute))
    over = access.begin(case.number, receipt_code, at=noon + timedelta(minutes=30))
    assert over.code_id == 0
    assert len(sent_codes()) == access.CODES_AN_HOUR
    later = access.begin(case.number, receipt_code, at=noon + timedelta(minutes=61))
    assert later.code_id != 0


def test_a_code_of_one_case_does_not_open_another(
    case: Case, filed: Any, receipt_code: str, noon: datetime
) -> None:
    other = filed(at=noon)
    access.begin(case.number, receipt_code, at=noon)
    [code] = sent_codes()
    row = AccessCode.objects.get()
    assert access.enter(access.Claim(other.pk, row.pk), code, at=noon) is False


def test_a_claim_is_forgotten_after_half_an_hour(noon: datetime) -> None:
    session: dict[str, Any] = {}
    access.remember(session, access.Claim(3, 4), at=noon)
    assert access.remembered(session, at=noon + timedelta(minutes=30)) == access.Claim(3, 4)
    assert access.remembered(session, at=noon + timedelta(minutes=31)) is None


def test_a_session_closes_after_half_an_hour_without_a_page(
    case: Case, client: Any, noon: datetime
) -> None:
    session = client.session
    access.sign_in(session, access.Claim(case.pk, 1), at=noon)
    later = noon + timedelta(minutes=29)
    assert access.case_of(session, at=later) == case
    assert access.case_of(session, at=later + timedelta(minutes=30)) == case
    assert access.case_of(session, at=later + timedelta(minutes=61)) is None


def test_signing_in_and_out_changes_the_session_key_and_keeps_what_is_not_ours(
    case: Case, client: Any, noon: datetime
) -> None:
    session = client.session
    session["somebody_else"] = 1
    session.save()
    keys = [session.session_key]
    access.sign_in(session, access.Claim(case.pk, 1), at=noon)
    keys.append(session.session_key)
    access.sign_out(session)
    keys.append(session.session_key)
    assert len(set(keys)) == 3
    assert session["somebody_else"] == 1
    assert not access.is_signed_in(session)


def test_a_case_whose_key_is_destroyed_is_closed_to_its_session(
    case: Case, client: Any, noon: datetime
) -> None:
    session = client.session
    access.sign_in(session, access.Claim(case.pk, 1), at=noon)
    case.key.destroy(noon)
    assert access.case_of(session, at=noon) is None
