"""Letters: composed in both languages for every kind, drawn, frozen, and written once."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Any

import pypdfium2
import pytest

from dsar import (
    decision,
    files,
    ledger,
    letter_blanks,
    letter_pdf,
    letter_wording,
    letters,
    materials,
    notices,
    redaction,
)
from dsar.models import (
    Attachment,
    Case,
    Channel,
    DataSystem,
    Letter,
    LetterTemplate,
    Processor,
    RequestedItem,
)
from tests import factories
from tests.conftest import Advance, FileCase
from tests.factories import LAW_KINDS

pytestmark = pytest.mark.django_db

DAY = factories.NOW.date()


def ordered(case: Case, kind: str, texts: Any = None, facts: Any = None, at: Any = None) -> Letter:
    """A letter as an act would order it."""
    from django.db import transaction

    with transaction.atomic():
        event = ledger.append(
            case, "note", by=ledger.SYSTEM, at=at or factories.NOW, facts=facts, texts=texts
        )
        return notices.order_letter(case, kind, event)


def pdf_of(letter: Letter) -> bytes:
    """The stored PDF."""
    letter.refresh_from_db()
    assert letter.pdf is not None
    return b"".join(files.read(letter.pdf))


def text_of(drawn: bytes) -> list[str]:
    """The text of each page."""
    with pypdfium2.PdfDocument(drawn) as document:
        return [page.get_textpage().get_text_range() for page in document]


def every_decision(case: Case) -> list[tuple[str, Any]]:
    """Each kind of letter that a case of this kind can get, with what it tells."""
    found: list[tuple[str, Any]] = [
        (kind, None)
        for kind in ("receipt", "deficiency", "identity", "extension", "completion", "fee")
    ]
    found.append(("fee_receipt", None))
    for outcome in decision.outcomes(case):
        code = next((c for c in case.rule.refusals), "") if outcome != "granted" else ""
        draft = decision.Draft(
            outcome,
            code if outcome in ("partial", "refused") else case.rule.no_data_code or "",
            reason="理由の説明です。",
            withheld="第三者の氏名",
            alternative_measure="代わりの措置です。",
            answer="お答えです。",
        )
        found.append(("complaint" if outcome == "answered" else "decision", draft))
    code = case.rule.thresholds[0] if case.rule.thresholds else ""
    found.append(("threshold", decision.Draft("not_accepted", code, reason="理由の説明です。")))
    return found


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize(("regime", "kind"), LAW_KINDS)
def test_every_letter_of_every_kind_composes(
    regime: str, kind: str, language: str, file_case: FileCase
) -> None:
    case = file_case(kind, regime, language=language)
    for name, decided in every_decision(case):
        sheet = letters.compose(
            case, name, on=DAY, texts={"message": "お願いの内容です。"}, decided=decided
        )
        assert sheet.subject
        assert sheet.number == case.shown_number
        assert "{" not in sheet.subject + sheet.body
        assert case.rules.external_bodies[0].url in sheet.body
        assert case.rule.article_label.in_language(language) in sheet.body
        html = letter_pdf.as_html(sheet)
        assert "None" not in html
        if name == "decision":
            assert letter_blanks.in_words(case, decided.outcome, language) in sheet.body


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", letter_wording.TITLES)
def test_our_own_texts_pass_the_check_for_every_rule_set(name: str, language: str) -> None:
    for regime in factories.REGIMES:
        subject, body = letter_wording.default_wording(name, language, regime)
        assert letter_wording.check(name, subject, body) == []


@pytest.mark.parametrize(("regime", "kind"), [(r, k) for r, k in LAW_KINDS if k != "complaint"])
def test_the_law_says_what_is_done_when_a_request_is_granted(
    regime: str, kind: str, file_case: FileCase
) -> None:
    assert file_case(kind, regime).rule.measure is not None


def test_a_letter_is_ordered_at_filing_and_by_the_acts(
    file_case: FileCase, advance: Advance
) -> None:
    case = advance(file_case(), "decided")
    assert list(case.letters.values_list("kind", flat=True)) == ["receipt", "decision"]


def test_a_complaint_is_answered_not_decided(file_case: FileCase, advance: Advance) -> None:
    case = advance(file_case("complaint"), "decided")
    assert list(case.letters.values_list("kind", flat=True)) == ["receipt", "complaint"]
    letters.sweep(factories.NOW)
    answer = case.letters.get(kind="complaint")
    assert "配信を止めました" in answer.body
    assert "個人情報保護委員会" in answer.body


def test_the_accredited_organization_is_named_where_the_company_has_one(
    file_case: FileCase, controller: Any
) -> None:
    controller.accredited_org_ja = "一般財団法人見本認定団体"
    controller.accredited_org_contact = "03-0000-0009"
    controller.save()
    sheet = letters.compose(file_case("complaint"), "complaint", on=DAY)
    assert "一般財団法人見本認定団体" in sheet.body
    assert "03-0000-0009" in sheet.body
    abroad = letters.compose(file_case("access", "gdpr"), "receipt", on=DAY)
    assert "一般財団法人見本認定団体" not in abroad.body


def test_writing_freezes_the_letter_with_its_digest_and_tells_the_log(
    file_case: FileCase, advance: Advance
) -> None:
    case = advance(file_case(), "decided")
    assert letters.sweep(factories.NOW) == 2
    letter = case.letters.get(kind="decision")
    assert letter.state == Letter.State.ISSUED
    assert letter.pdf is not None
    assert letter.pdf.purpose == Attachment.Purpose.LETTER
    drawn = pdf_of(letter)
    assert drawn.startswith(b"%PDF-")
    assert bytes(letter.digest) == hashlib.sha256(drawn).digest()
    event = case.events.get(act="issue_letter", facts__letter=letter.pk)
    assert event.facts["sha256"] == hashlib.sha256(drawn).hexdigest()
    assert "ご請求のとおり、保有個人データを開示します。" in letter.body
    assert "見本 花子　様" in letter.recipient
    case.refresh_from_db()
    ledger.verify(case)


def test_a_second_run_changes_nothing(file_case: FileCase) -> None:
    case = file_case()
    letters.sweep(factories.NOW)
    before = case.letters.get()
    assert letters.sweep(factories.NOW + timedelta(hours=1)) == 0
    assert letters.write(before.pk, factories.NOW) is None
    assert case.letters.get().pdf_id == before.pdf_id
    assert case.events.filter(act="issue_letter").count() == 1


def test_the_same_letter_gives_the_same_bytes(file_case: FileCase) -> None:
    sheet = letters.compose(file_case(), "receipt", on=DAY)
    assert letter_pdf.as_pdf(sheet) == letter_pdf.as_pdf(sheet)


def test_an_issued_letter_is_unaffected_by_later_changes(
    file_case: FileCase, controller: Any
) -> None:
    case = file_case()
    letters.sweep(factories.NOW)
    letter = case.letters.get()
    body, drawn = letter.body, pdf_of(letter)
    LetterTemplate.objects.create(
        kind="receipt", language="ja", subject="新しい件名", body="{case_number} {received_on} 新"
    )
    controller.name_ja = "株式会社改名"
    controller.save()
    letters.sweep(factories.NOW + timedelta(days=1))
    letter.refresh_from_db()
    assert (letter.body, pdf_of(letter)) == (body, drawn)
    assert letters.compose(case, "receipt", on=DAY).subject == "新しい件名"


def test_the_wording_of_the_company_and_of_the_rule_set_goes_first(
    file_case: FileCase, controller: Any, other_controller: Any
) -> None:
    body = "{case_number} {received_on}"
    given: list[tuple[str, dict[str, Any]]] = [
        ("all", {}),
        ("appi", {"regime": "appi"}),
        ("company", {"controller": controller}),
        ("both", {"controller": controller, "regime": "appi"}),
        ("other", {"controller": other_controller, "regime": "appi"}),
    ]
    seen = []
    for subject, narrowed in given:
        LetterTemplate.objects.create(
            kind="receipt", language="ja", subject=subject, body=body, **narrowed
        )
        seen.append(letters.compose(file_case(), "receipt", on=DAY).subject)
    assert seen == ["all", "appi", "company", "both", "both"]
    assert letters.compose(file_case("access", "gdpr"), "receipt", on=DAY).subject == "company"


def test_a_wording_that_no_longer_passes_is_passed_over(file_case: FileCase) -> None:
    LetterTemplate.objects.create(kind="receipt", language="ja", subject="x", body="{nothing}")
    assert letters.compose(file_case(), "receipt", on=DAY).subject != "x"


def test_what_people_wrote_is_never_markup_nor_run(file_case: FileCase) -> None:
    case = file_case()
    tricks = "# 見出し\n- 行: 値\n以上\n{case_number} {{ 7|add:1 }}<b>太字</b>\n\n別の段落"
    sheet = letters.compose(case, "deficiency", on=DAY, texts={"message": tricks})
    block = next(block for block in sheet.blocks if "見出し" in block.text)
    assert block.kind == "text"
    assert block.text == tricks
    assert "&lt;b&gt;太字" in letter_pdf.as_html(sheet)


def items_case(file_case: FileCase, *titles: str) -> Case:
    """A case in which these things are asked for."""
    case = file_case()
    case.items.all().delete()
    RequestedItem.objects.bulk_create(
        RequestedItem(case=case, position=n, title=title) for n, title in enumerate(titles, 1)
    )
    return case


def test_items_decided_differently_each_have_their_own_words(file_case: FileCase) -> None:
    case = items_case(file_case, "登録情報", "通話記録", "採点 # 記録")
    first, second, third = case.items.all()
    draft = decision.by_item(
        [
            decision.ItemDraft(first.pk, "granted"),
            decision.ItemDraft(second.pk, "partial", "D1_harm", "第三者のため", "相手の氏名"),
            decision.ItemDraft(third.pk, "refused", "D2_operations", "支障があるため\n- 二つ目"),
        ],
        answer="以上です。",
    )
    blocks = letters.compose(case, "decision", on=DAY, decided=draft).blocks
    parts = [block.text for block in blocks if block.kind == "part"]
    assert parts == ["1. 登録情報", "2. 通話記録", "3. 採点 # 記録"]
    rows = [dict(block.rows) for block in blocks if block.kind == "rows"]
    assert rows[1] == {"決定": "ご請求のとおり、保有個人データを開示します。"}
    assert rows[2]["応じられない部分"] == "相手の氏名"
    assert rows[2]["根拠となる条文"].endswith("第33条第2項第1号")
    assert rows[3]["理由"] == "支障があるため\n- 二つ目"
    assert "決定の根拠" not in rows[0]
    assert not any(block.text == "理由" for block in blocks)


def test_items_decided_alike_share_the_words(file_case: FileCase) -> None:
    case = items_case(file_case, "登録情報", "通話記録")
    draft = decision.Draft("refused", "D1_harm", reason="理由の説明です。")
    body = letters.compose(case, "decision", on=DAY, decided=draft).body
    assert body.count("理由の説明です。") == 1
    assert "## 2. 通話記録\n- 決定: 保有個人データを開示しません。" in body


def test_what_is_masked_is_told_with_its_ground(
    file_case: FileCase, officer: Any, media: Any
) -> None:
    case, by = file_case(), ledger.staff(officer)
    table = materials.add_table(case, "会員: 台帳", ["a", "担当"], [{"a": 1}], at=factories.NOW)
    column = redaction.Mark("column", text="担当")
    for code, reason in (("D1_harm", "第三者の氏名\n# 見出しではない"), ("", "")):
        redaction.mark(table, [column], code=code, reason=reason, by=by, at=factories.NOW)
    draft = decision.Draft("granted")
    before = letters.compose(case, "decision", on=DAY, decided=draft)
    assert "黒塗り等をした箇所" not in [block.text for block in before.blocks]
    redaction.settle(
        table,
        "included",
        title=table.title,
        item=None,
        as_pictures=False,
        by=by,
        at=factories.NOW,
    )
    blocks = letters.compose(case, "decision", on=DAY, decided=draft).blocks
    place = [block.text for block in blocks].index("黒塗り等をした箇所")
    ((label, text),) = blocks[place + 1].rows
    assert label == "会員 台帳"
    assert text.split("\n")[0] == "列「担当」"
    assert "個人情報保護法第33条第2項第1号" in text
    assert text.endswith("第三者の氏名\n# 見出しではない")


def test_rare_and_long_names_are_drawn_as_written(file_case: FileCase) -> None:
    names = "𠮷田 髙橋 ﾊﾝｶｸ 﨑山 葛󠄀城 " + "寿限無" * 20
    case = file_case(principal={**factories.PRINCIPAL, "name": names})
    letters.sweep(factories.NOW)
    text = "".join(text_of(pdf_of(case.letters.get()))).replace("\r\n", "")
    for name in ("𠮷田", "髙橋", "ﾊﾝｶｸ", "﨑山", "寿限無" * 20):
        assert name in text


def test_a_long_letter_numbers_its_pages_and_names_the_case_on_each(
    file_case: FileCase,
) -> None:
    case = file_case()
    message = "\n\n".join(
        f"{n} つめのお願いです。" + "書類をご用意ください。" * 12 for n in range(13)
    )
    letter = ordered(case, "deficiency", texts={"message": message})
    letters.sweep(factories.NOW)
    pages = text_of(pdf_of(letter))
    assert len(pages) == 3
    for position, page in enumerate(pages, 1):
        assert f"{position} / 3" in page
        assert case.shown_number in page
    assert "12 つめのお願いです。" in "".join(pages)


def test_the_pdf_names_nobody_in_its_metadata(file_case: FileCase) -> None:
    case = file_case()
    letters.sweep(factories.NOW)
    with pypdfium2.PdfDocument(pdf_of(case.letters.get())) as document:
        told = document.get_metadata_dict()
    assert told["Title"] == "受付のお知らせ – 株式会社サンプル"
    assert told["Author"] == told["Subject"] == told["Keywords"] == ""
    assert told["CreationDate"] == ""
    assert "見本" not in "".join(told.values())


def test_an_agent_gets_the_letter_on_behalf_of_the_principal(file_case: FileCase) -> None:
    case = file_case(agent=dict(factories.AGENT))
    sheet = letters.compose(case, "receipt", on=DAY)
    lines = sheet.recipient.split("\n")
    assert lines[-2:] == ["見本 太郎　様", "（見本 花子　様　代理人）"]
    assert "- ご本人：見本 花子 様" in sheet.body
    english = file_case(agent=dict(factories.AGENT), language="en")
    recipient = letters.compose(english, "receipt", on=DAY).recipient
    assert recipient.startswith("見本 太郎\n(on behalf of 見本 花子)")


def test_a_letter_is_dated_on_the_day_of_its_act_however_late_it_is_written(
    file_case: FileCase,
) -> None:
    case = file_case()
    letters.sweep(factories.NOW + timedelta(days=5))
    assert "2026年11月10日" in text_of(pdf_of(case.letters.get()))[0]


def test_letters_tell_the_extension_and_the_decision_of_their_own_act(
    file_case: FileCase, advance: Advance, officer: Any, approver: Any
) -> None:
    case = advance(file_case(), "in_progress")
    desk, at = ledger.staff(officer), factories.NOW + timedelta(hours=1)
    factories.do(case, "extend", by=desk, at=at)
    decision.record(case, factories.plain_decision(case), by=desk, at=at + timedelta(hours=1))
    factories.do(case, "reopen", by=ledger.staff(approver), at=at + timedelta(hours=2))
    letters.sweep(at + timedelta(hours=3))
    extension = case.extensions.get()
    told = case.letters.get(kind="extension").body
    assert "調査に時間を要するため" in told
    assert f"{extension.due_after.day}日" in told
    assert "ご請求のとおり、" in case.letters.get(kind="decision").body


@pytest.mark.parametrize("channel", [Channel.POST, Channel.COUNTER, Channel.PHONE])
def test_cases_on_paper_get_their_letters_by_post(file_case: FileCase, channel: str) -> None:
    case = file_case(channel=channel)
    letters.sweep(factories.NOW)
    assert case.letters.get().by_post


def test_web_cases_read_theirs_on_the_portal_unless_the_answer_is_to_be_posted(
    file_case: FileCase, advance: Advance
) -> None:
    plain = advance(file_case(), "decided")
    posted = advance(file_case(method="paper", delivery="post_kan-i_kakitome"), "decided")
    letters.sweep(factories.NOW)
    assert list(plain.letters.values_list("by_post", flat=True)) == [False, False]
    assert list(posted.letters.values_list("by_post", flat=True)) == [False, True]


def test_a_letter_that_cannot_be_written_is_tried_again_later_and_then_given_up(
    file_case: FileCase, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = file_case()

    def broken(sheet: Any) -> bytes:
        raise ValueError("見本 花子")

    monkeypatch.setattr(letter_pdf, "as_pdf", broken)
    at: datetime = factories.NOW
    letters.sweep(at)
    letter = case.letters.get()
    assert (letter.state, letter.attempts, letter.last_error) == ("ordered", 1, "ValueError")
    assert letter.next_try_at == at + timedelta(minutes=1)
    assert letters.sweep(at) == 0
    for _try in range(letters.MAX_TRIES):
        at += timedelta(hours=5)
        letters.sweep(at)
    letter.refresh_from_db()
    assert letter.state == Letter.State.FAILED
    monkeypatch.undo()
    assert letters.sweep(at + timedelta(days=1)) == 0
    assert letters.retry(letter, by=ledger.staff(officer), at=at)
    assert letters.sweep(at) == 1
    letter.refresh_from_db()
    assert letter.state == Letter.State.ISSUED
    assert not letters.retry(letter, by=ledger.staff(officer), at=at)
    assert case.events.filter(act="retry_letter").count() == 1


def test_a_worker_that_dies_leaves_a_lease_that_runs_out(
    file_case: FileCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = file_case()

    def killed(sheet: Any) -> bytes:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(letter_pdf, "as_pdf", killed)
        with pytest.raises(KeyboardInterrupt):
            letters.sweep(factories.NOW)
    assert letters.sweep(factories.NOW + timedelta(minutes=1)) == 0
    assert letters.sweep(factories.NOW + letters.LEASE) == 1
    assert case.events.filter(act="issue_letter").count() == 1


def test_a_crash_while_freezing_leaves_nothing_half_done(
    file_case: FileCase, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = file_case()

    def killed(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ledger, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            letters.sweep(factories.NOW)
    letter = case.letters.get()
    assert (letter.state, letter.body, letter.pdf) == ("ordered", "", None)
    assert not case.attachments.filter(purpose="letter").exists()


def test_a_letter_of_an_erased_case_fails_and_says_why(file_case: FileCase) -> None:
    case = file_case()
    case.key.destroy(factories.NOW)
    letters.sweep(factories.NOW)
    letter = case.letters.get()
    assert (letter.state, letter.last_error) == ("failed", "erased meanwhile")


def test_a_sweep_that_takes_long_hands_over_to_the_next(
    file_case: FileCase, queued: Any, django_capture_on_commit_callbacks: Any
) -> None:
    file_case()
    with django_capture_on_commit_callbacks(execute=True):
        assert letters.sweep(factories.NOW, seconds=-1) == 0
    assert Letter.objects.get().attempts == 0


def test_one_thread_of_a_worker_writes_letters_at_a_time(file_case: FileCase) -> None:
    file_case()
    with letters._sweeping:
        assert letters.sweep(factories.NOW) == 0
    assert letters.sweep(factories.NOW) == 1


def test_a_completion_names_processors_and_counts_our_own_systems(
    file_case: FileCase, controller: Any
) -> None:
    works = Processor.objects.create(controller=controller, name_ja="見本配送", name_en="Mihon")
    for code, processor in (("crm", None), ("mail", works)):
        DataSystem.objects.create(
            controller=controller, code=code, name_ja=code, name_en=code, processor=processor
        )
    case = file_case("erasure")
    facts = {"systems": ["crm", "mail"], "done_on": "2026-11-09"}
    body = letters.compose(case, "completion", on=DAY, facts=facts).body
    assert "保有個人データを消去しました。" in body
    assert "当社のシステム 1件" in body
    assert "委託先：見本配送" in body
    assert "2026年11月9日" in body
    assert "crm" not in body


def test_where_only_a_doubt_stops_the_clock_the_letter_says_so_only_then(
    file_case: FileCase,
) -> None:
    case = file_case("access", "gdpr")
    said = "日数に数えません"
    asked = {"message": "書類をお送りください。"}
    assert said not in letters.compose(case, "identity", on=DAY, texts=asked).body
    doubted = {**asked, "doubt": "署名が違う"}
    body = letters.compose(case, "identity", on=DAY, texts=doubted).body
    assert said in body
    assert "署名が違う" not in body


def test_letters_of_one_event_are_ordered_once(file_case: FileCase) -> None:
    case = file_case()
    event = case.events.get(position=1)
    notices.order_letter(case, Letter.Kind.RECEIPT, event)
    assert case.letters.count() == 1


def test_envelopes_and_labels_carry_the_addressee(file_case: FileCase) -> None:
    case = file_case()
    letters.sweep(factories.NOW)
    letter = case.letters.get()
    found = letters.envelope(letter)
    pages = text_of(letter_pdf.envelopes([found, found]))
    assert len(pages) == 2
    assert "見本 花子　様" in pages[0]
    assert "株式会社サンプル" in pages[0]
    sheets = text_of(letter_pdf.labels([found] * 3, first=11))
    assert len(sheets) == 2
    assert sheets[0].count("見本 花子") == 2
    assert sheets[1].count("見本 花子") == 1
