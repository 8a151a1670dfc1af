"""Mail: who gets it, in which words, and that nothing personal is in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.utils.translation import get_language, override
from hypothesis import given
from hypothesis import strategies as st

from dsar import (
    blanks,
    casework,
    collection,
    correspondence,
    duplicates,
    files,
    filing,
    ledger,
    mail,
    notices,
    vault,
    wording,
)
from dsar.models import (
    AccessCode,
    Attachment,
    Case,
    EmailConfirmation,
    MailTemplate,
    Notice,
    Package,
    Person,
    Release,
)
from tests import factories
from tests.conftest import Advance, FileCase

KINDS = (*notices.REQUESTER_KINDS, *notices.DESK_KINDS, *notices.OWNER_KINDS)
LANGUAGES = ("ja", "en")
TO_APPROVERS = (notices.DESK_APPROVAL, notices.DESK_RELEASE)
"""In the portal's language: they go to several at once."""
MARKER = "ツルバミ"
MARKED = {name: f"{MARKER}{value}" for name, value in factories.PRINCIPAL.items()} | {
    "birth_date": "1988-03-15",
    "email": "marked@person.example",
    "phone": "090-9876-5432",
}
LATER = factories.NOW + timedelta(hours=1)


@pytest.fixture
def notice_of(file_case: FileCase, advance: Advance, officer: Any) -> Callable[[str, str], Notice]:
    """A notice of any kind in any language, about a case full of planted personal data."""

    def make(kind: str, language: str) -> Notice:
        officer.language = language
        officer.save()
        if kind == notices.DRAFT_LINK:
            answers = {"principal": {"name": MARKER}, "contact": {"email": MARKED["email"]}}
            draft: Any = factories.DraftFactory(answers=answers, language=language)
            return _kept(notices.new(kind, LATER, draft=draft, secret={"token": vault.new_token()}))
        case = file_case(
            principal=MARKED,
            language=language,
            assigned_to=officer,
            answers={"scope": {"items": MARKER}},
        )
        desk = ledger.staff(officer)
        if kind == notices.DESK_DIGEST:
            return _kept(notices.new(kind, LATER, recipient=officer))
        if kind in (*notices.OWNER_KINDS, notices.DESK_TASK_LATE):
            return _about_a_task(kind, case, officer)
        if kind == notices.CONFIRM_EMAIL:
            return case.notices.get(kind=kind)
        if kind in (notices.ACCESS_CODE, notices.DOWNLOAD_CODE):
            AccessCode.objects.create(
                case=case, digest=b"x", sent_at=LATER, expires_at=LATER + timedelta(minutes=10)
            )
            return _kept(notices.new(kind, LATER, case=case, secret={"code": "482915"}))
        if kind == notices.DESK_DUE:
            return case.notices.filter(kind=f"{kind}:decision").earliest("due_at")
        if kind == notices.DESK_APPROVAL:
            return advance(case, "in_approval").notices.get(kind=kind)
        if kind in (notices.RELEASED, notices.PACKAGE_MAIL, notices.DESK_RELEASE):
            return _about_a_release(kind, advance(case, "decided"), officer)
        if kind == notices.MISSING:
            advance(case, "awaiting_requester", at=LATER)
        elif kind == notices.EXTENDED:
            factories.do(case, "extend", by=desk, at=LATER, texts={"reason": MARKER})
        elif kind == notices.MERGED:
            earlier = file_case(at=factories.NOW - timedelta(days=1))
            duplicates.merge(case, earlier, reason=MARKER, by=desk, at=LATER)
        elif kind == notices.MESSAGE:
            correspondence.send(case, MARKER, by=desk, at=LATER)
        elif kind == notices.DESK_NEWS:
            correspondence.send(case, MARKER, by=ledger.REQUESTER, at=LATER)
        found = case.notices.filter(kind=kind).first()
        return found or _kept(notices.new(kind, LATER, case=case, recipient=None))

    return make


def _about_a_task(kind: str, case: Case, owner: Any) -> Notice:
    """Of the task's notices of that kind the first; the question is full of personal data."""
    system = factories.SystemFactory.create(controller=case.controller)
    system.owners.add(owner)
    task = collection.propose(case, [system])[0]
    due_on = LATER.date() + timedelta(days=6)
    collection.ask(task, MARKER, due_on, by=ledger.staff(owner), at=LATER)
    if kind == notices.OWNER_CANCELLED:
        collection.cancel(task, by=ledger.staff(owner), at=LATER, reason=MARKER)
    return case.notices.filter(kind__startswith=kind).earliest("due_at")


def _about_a_release(kind: str, case: Case, officer: Any) -> Notice:
    """Of a release on the portal, or by mail; the file's own name is never that of the mail."""
    is_mail = kind == notices.PACKAGE_MAIL
    assert case.decided_at is not None
    package = Package.objects.create(
        case=case,
        form=Package.Form.LOCKED if is_mail else Package.Form.OPEN,
        state=Package.State.READY,
        decided_at=case.decided_at,
        asked_at=LATER,
        passphrase=MARKER,
        file=files.keep(
            [b"sealed"],
            case=case,
            name=f"{MARKER}.zip",
            content_type="application/zip",
            purpose=Attachment.Purpose.PACKAGE,
            at=LATER,
        ),
    )
    row = Release.objects.create(
        case=case,
        package=package,
        way=Release.Way.MAIL if is_mail else Release.Way.PORTAL,
        state=Release.State.PROPOSED if kind == notices.DESK_RELEASE else Release.State.OPEN,
        proposed_at=LATER,
        proposed_by=officer,
        expires_at=LATER + timedelta(days=7),
    )
    return _kept(notices.new(kind, LATER, case=case, facts={"release": row.pk}))


def _kept(notice: Notice) -> Notice:
    notice.save(force_insert=True)
    return notice


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_holds_nothing_personal_but_its_address(
    kind: str, language: str, notice_of: Callable[[str, str], Notice]
) -> None:
    notice = Notice.objects.get(pk=notice_of(kind, language).pk)
    message = mail.compose(notice, LATER)
    text = f"{message.subject}\n{message.body}"
    personal = [value for name, value in MARKED.items() if name != "email"]
    assert not [value for value in (MARKER, *personal) if value in text]
    assert "@" not in text
    for person in notice.case.people.all() if notice.case else []:
        assert person.name not in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_whole_and_in_the_readers_language(
    kind: str, language: str, notice_of: Callable[[str, str], Notice]
) -> None:
    message = mail.compose(notice_of(kind, language), LATER)
    body = str(message.body)
    assert not set("{}") & set(f"{message.subject}{body}")
    is_japanese = bool(re.search(r"[ぁ-ん]", body))
    # What waits for approval goes to several people at once, in the desk's language.
    assert is_japanese == (language == "ja" or kind in TO_APPROVERS)
    links = re.findall(r"https?://\S+", body)
    assert links
    wanted = "/en/" if language == "en" and kind not in TO_APPROVERS else "/"
    assert all(link.startswith(f"http://127.0.0.1:8000{wanted}") for link in links)
    assert get_language() == "ja"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_our_wording_keeps_the_rules_that_the_desks_must_keep(kind: str, language: str) -> None:
    subject, body = wording.default_wording(kind, language)
    assert wording.check_template(kind, subject, body) == []
    shown, text = mail.preview(kind, language, subject, body)
    assert shown
    assert not set("{}") & set(shown + text)


def test_every_blank_is_described_and_can_be_filled() -> None:
    assert set(wording.BLANKS) == set(KINDS)
    named = {name for blanks in wording.BLANKS.values() for name in blanks}
    assert named == set(mail.VALUES)
    assert all(str(text) for blanks in wording.BLANKS.values() for text in blanks.values())


def test_the_headers_name_the_row_and_the_time(file_case: FileCase) -> None:
    notice = file_case().notices.get(kind=notices.CONFIRM_EMAIL)
    message = mail.compose(notice, datetime(2026, 11, 10, 2, 3, 4, tzinfo=UTC))
    raw = message.message()
    assert raw["Message-ID"] == notice.message_id
    assert raw["Date"] == "Tue, 10 Nov 2026 02:03:04 +0000"
    assert raw["Auto-Submitted"] == "auto-generated"
    assert raw["From"] == "privacy@sample.example"
    assert raw["To"] == "hanako@person.example"
    assert raw.get_content_charset() == "utf-8"
    assert raw.get_content_type() == "text/plain"


def test_the_confirmation_link_opens_the_right_case(file_case: FileCase) -> None:
    case = file_case()
    notice = Notice.objects.get(case=case, kind=notices.CONFIRM_EMAIL)
    found = re.search(r"/confirm/([\w-]+)/", str(mail.compose(notice, LATER).body))
    assert found is not None
    assert filing.confirm_email(found[1], at=LATER) == case


def test_a_link_or_code_that_has_expired_is_not_sent(
    file_case: FileCase, notice_of: Callable[[str, str], Notice]
) -> None:
    confirm = file_case().notices.get(kind=notices.CONFIRM_EMAIL)
    with pytest.raises(mail.Moot, match="expired"):
        mail.compose(confirm, factories.NOW + timedelta(days=15))
    with pytest.raises(mail.Moot, match="expired"):
        mail.compose(notice_of(notices.ACCESS_CODE, "ja"), LATER + timedelta(minutes=10))
    with pytest.raises(mail.Moot, match="expired"):
        mail.compose(notice_of(notices.DRAFT_LINK, "ja"), LATER + timedelta(days=8))


def test_the_agent_gets_the_mail_where_there_is_one(file_case: FileCase) -> None:
    case = file_case(agent=factories.AGENT)
    assert _to(notices.new(notices.DECIDED, LATER, case=case)) == ["taro@agent.example"]


def test_a_person_without_email_gets_none(file_case: FileCase) -> None:
    case = file_case(principal={**factories.PRINCIPAL, "email": ""}, channel="post")
    with pytest.raises(mail.Moot, match="no e-mail address"):
        mail.compose(notices.new(notices.DECIDED, LATER, case=case), LATER)


def test_mail_about_an_erased_case_is_not_sent(file_case: FileCase) -> None:
    case = file_case()
    case.key.destroy(LATER)
    notice = Notice.objects.get(case=case, kind=notices.CONFIRM_EMAIL)
    with pytest.raises(mail.Moot, match="erased"):
        mail.compose(notice, LATER)


def test_the_desk_is_told_until_someone_has_the_case(
    file_case: FileCase, officer: Any, approver: Any
) -> None:
    case = file_case()
    news = notices.new(notices.DESK_NEWS, LATER, case=case)
    assert _to(news) == ["desk@sample.example"]
    casework.assign(case, officer, by=ledger.staff(approver), at=LATER)
    assert _to(news) == ["officer@sample.example"]
    officer.is_active = False
    assert _to(news) == ["desk@sample.example"]


def test_a_decision_is_approved_by_others_so_they_are_told(
    file_case: FileCase, advance: Advance, officer: Any, approver: Any
) -> None:
    case = advance(file_case(assigned_to=officer), "in_approval")
    notice = case.notices.get(kind=notices.DESK_APPROVAL)
    assert _to(notice) == ["approver@sample.example"]
    approver.controllers.clear()
    assert _to(notice) == ["desk@sample.example"]


def _to(notice: Notice) -> list[str]:
    return mail.compose(notice, LATER).to


def test_a_reminder_says_what_is_due_and_how_long_there_is(file_case: FileCase) -> None:
    case = file_case(language="en")
    notice = case.notices.filter(kind="desk_due:decision").earliest("due_at")
    subject = mail.compose(notice, notice.due_at).subject
    assert case.shown_number in subject
    title = case.rules.deadline(case.kind, "decision").title.ja
    assert title in subject
    late = case.notices.filter(kind="desk_due:decision").latest("due_at")
    assert mail.compose(late, late.due_at).subject != subject


def test_a_line_without_a_value_is_left_out(file_case: FileCase, controller: Any) -> None:
    with_phone = mail.compose(notices.new(notices.DECIDED, LATER, case=file_case()), LATER).body
    assert "お電話：03-0000-0000" in with_phone
    controller.phone = ""
    controller.save()
    without = mail.compose(notices.new(notices.DECIDED, LATER, case=file_case()), LATER).body
    assert "お電話" not in without


# --- The desk's own wording ---------------------------------------------------------------
def test_the_desks_wording_replaces_ours_in_its_language_only(file_case: FileCase) -> None:
    MailTemplate.objects.create(
        kind=notices.DECIDED, language="ja", subject="お返事", body="{case_number}\r\n{status_link}"
    )
    ja = mail.compose(notices.new(notices.DECIDED, LATER, case=file_case()), LATER)
    assert ja.subject == "お返事"
    assert "\r" not in ja.body
    en = mail.compose(notices.new(notices.DECIDED, LATER, case=file_case(language="en")), LATER)
    assert en.subject.startswith("[")


def test_wording_that_no_longer_passes_the_check_is_passed_over(file_case: FileCase) -> None:
    MailTemplate.objects.create(
        kind=notices.DECIDED, language="ja", subject="お返事", body="{old_blank} {status_link}"
    )
    message = mail.compose(notices.new(notices.DECIDED, LATER, case=file_case()), LATER)
    assert "お返事のご用意" in message.subject


def test_stored_wording_is_never_run_as_code(file_case: FileCase) -> None:
    tricks = "{% load i18n %} {{ settings.SECRET_KEY }} %(case_number)s ${HOME} {case_number.key}"
    assert wording.check_template(notices.DECIDED, "x", f"{tricks} {{status_link}}")
    MailTemplate.objects.create(
        kind=notices.DECIDED,
        language="ja",
        subject="x",
        body="%(case_number)s $case_number {case_number} {status_link}",
    )
    case = file_case()
    message = mail.compose(notices.new(notices.DECIDED, LATER, case=case), LATER)
    assert f"%(case_number)s $case_number {case.shown_number}" in message.body


@pytest.mark.parametrize(
    ("kind", "subject", "body", "said"),
    [
        (notices.DECIDED, "x", "{name} {status_link}", "{name}"),
        (notices.DECIDED, "x", "{status_link} }", "brace"),
        (notices.DECIDED, "x", "{status_link} {Case}", "brace"),
        (notices.DECIDED, "x", "text", "{status_link}"),
        (notices.ACCESS_CODE, "x", "text", "{code}"),
        (notices.ACCESS_CODE, "{code}", "{code}", "subject"),
        (notices.DECIDED, "", "{status_link}", "subject"),
        (notices.DECIDED, "x\ny", "{status_link}", "one line"),
        (notices.DECIDED, "x", " ", "Write the text"),
        ("desk_due:decision", "{code}", "x", "{code}"),
    ],
)
def test_faulty_wording_is_refused_in_words(kind: str, subject: str, body: str, said: str) -> None:
    with override("en"):
        faults = wording.check_template(kind, subject, body)
    assert any(said in fault for fault in faults), faults


@given(st.text(), st.text(), st.sampled_from(KINDS))
def test_wording_that_passes_the_check_leaves_no_blank_behind(
    text: str, more: str, kind: str
) -> None:
    body = f"{text}{{portal_name}}{more}"
    values = dict.fromkeys(wording.BLANKS[kind], "{portal_link}")
    if not [fault for fault in _faults(kind, body) if "must be" not in fault]:
        filled = blanks.fill(body, values)
        # A value is put in as it stands: braces in it are not blanks.
        assert filled.count("{portal_link}") == len(blanks.BLANK.findall(body))
        assert set("{}") & set(filled.replace("{portal_link}", "")) == set()


def _faults(kind: str, body: str) -> list[str]:
    from unittest import mock

    with mock.patch.object(wording, "_", str):  # the English texts, without the translations
        return wording.check_template(kind, "x", body)


@given(st.text(st.sampled_from("{}ab_c\n\r x"), max_size=40))
def test_any_mixture_of_braces_is_either_refused_or_filled(body: str) -> None:
    values = dict.fromkeys(wording.BLANKS[notices.DESK_NEWS], "v")
    if not _faults(notices.DESK_NEWS, body):
        assert not set("{}") & set(blanks.fill(body, values))


# --- Headers ------------------------------------------------------------------------------
@given(st.text())
def test_a_subject_never_has_a_second_line(text: str) -> None:
    subject = mail._one_line(text)
    assert all(ch.isprintable() for ch in subject)
    message = outbox.EmailMessage(subject, "x", "a@b.example", ["c@d.example"]).message()
    assert len(message.as_bytes().split(b"\n\n")[0].split(b"\nSubject:")) == 2


def test_names_with_line_ends_cannot_add_headers(file_case: FileCase, controller: Any) -> None:
    controller.name_ja = "株式会社\r\nBcc: thief@evil.example"
    controller.save()
    MailTemplate.objects.create(
        kind=notices.DECIDED, language="ja", subject="{controller}", body="{status_link}"
    )
    message = mail.compose(notices.new(notices.DECIDED, LATER, case=file_case()), LATER)
    assert message.message()["Bcc"] is None
    assert message.recipients() == ["hanako@person.example"]


@pytest.mark.parametrize(
    "address",
    ["a@b.example\nBcc: c@d.example", "a@b.example, c@d.example", "nobody", "<a@b.example>"],
)
def test_an_address_that_is_none_is_never_written_to(file_case: FileCase, address: str) -> None:
    case = file_case()
    person = Person.objects.get(case=case)
    person.email = address
    person.save()
    with pytest.raises(mail.Moot, match="address"):
        mail.compose(notices.new(notices.DECIDED, LATER, case=case), LATER)


def test_a_draft_link_goes_where_the_person_asked(db: None) -> None:
    draft: Any = factories.DraftFactory(
        answers={"agent": {"email": "a@agent.example"}, "contact": {"email": "p@person.example"}}
    )
    token = vault.new_token()
    message = mail.compose(
        notices.new(notices.DRAFT_LINK, LATER, draft=draft, secret={"token": token}), LATER
    )
    assert message.to == ["a@agent.example"]
    assert f"/request/resume/{token}/" in message.body


def test_composing_costs_few_queries(
    file_case: FileCase, django_assert_max_num_queries: Any
) -> None:
    pk = file_case().notices.get(kind=notices.CONFIRM_EMAIL).pk
    notice = Notice.objects.select_related("case__key", "case__controller").get(pk=pk)
    with django_assert_max_num_queries(5):
        mail.compose(notice, LATER)
    assert EmailConfirmation.objects.count() == Case.objects.count()


@pytest.mark.parametrize("change", ["moved", "other role"])
def test_who_can_no_longer_work_on_the_case_gets_no_reminder_of_it(
    file_case: FileCase, officer: Any, change: str
) -> None:
    case = file_case(assigned_to=officer)
    reminder = case.notices.filter(kind__startswith=notices.DESK_DUE).first()
    assert mail.compose(reminder, LATER).to == [officer.email]
    (officer.controllers if change == "moved" else officer.groups).clear()
    kept = Notice.objects.get(pk=reminder.pk)
    assert mail.compose(kept, LATER).to == [case.controller.desk_email]
