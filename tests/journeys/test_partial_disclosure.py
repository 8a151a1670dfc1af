"""A disclosure in part, from the form to the file that the person fetches: the masked is gone."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from dsar import disclosure, files, ledger, letters, limits
from dsar.models import Case, Letter, Material, Package, SearchTask, StaffMember
from tests.dsar.admin.desk import CASES
from tests.dsar.disclosing import a_pdf
from tests.factories import SystemFactory
from tests.journeys.pages import AtDesk
from tests.journeys.request import Journey

pytestmark = [pytest.mark.django_db, pytest.mark.journey, pytest.mark.usefixtures("media")]

TABLE = (
    "氏名,社内担当者,内容\r\n"
    "見本 花子,社外秘次郎,入会\r\n"
    "他人 三郎,社外秘次郎,紹介\r\n"
    "見本 花子,社外秘次郎,電話番号の変更（紹介者 他人三郎）\r\n"
)
MASKED = ("社外秘次郎", "社内担当者", "他人 三郎", "他人三郎", "Call record 1")
GIVEN = ("見本 花子", "入会", "電話番号の変更", "Call record 2")
REASON = "ほかの方の氏名が含まれるためです。"
WITHHELD = "紹介者と担当者の氏名"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    limits.reset()


def gather(case: Case, desk: AtDesk, data_owner: StaffMember) -> dict[str, Material]:
    """The department is asked, and hands in a table and a document; both by their form."""
    task = SearchTask.objects.get(case=case)
    desk.acts(case, "ask_all")
    owner = Client()
    owner.force_login(data_owner)
    table = SimpleUploadedFile("会員履歴.csv", TABLE.encode())
    calls = SimpleUploadedFile("通話記録.pdf", a_pdf(2, "Call record"), "application/pdf")
    answer = owner.post(
        f"/en/tasks/{task.pk}/", {"state": "found", "answer": "2件", "uploads": [table, calls]}
    )
    assert answer.status_code == 302
    return {row.form: row for row in Material.objects.filter(case=case)}


def mask(desk: AtDesk, found: dict[str, Material]) -> None:
    """Both are given; a column, a row, a word and a line of the first page are not."""
    marks: dict[str, dict[str, Any]] = {
        "table": {"columns": ["1"], "rows": ["2"], "texts": "他人三郎"},
        "pdf": {"left": "8", "top": "10", "width": "80", "height": "6"},
    }
    for form, given in marks.items():
        row = found[form]
        address = f"{CASES}{row.case_id}/materials/{row.pk}/"
        settled = {"state": "included", "title": row.title, "item": ""}
        assert desk.browser.post(f"{address}settle/", settled).status_code == 302
        given |= {"page": "1", "code": "D1_harm", "reason": REASON}
        answer = desk.browser.post(f"{address}mark/", given)
        assert answer.status_code == 302, answer.context["mark_form"].errors


def download(journey: Journey, receipt: tuple[str, str], case: Case) -> dict[str, bytes]:
    """The person comes back, asks for a code, and fetches the file: its members by name."""
    browser, page = journey.come_back(*receipt)
    address = reverse("requester:receive", args=[case.releases.get().pk])
    assert address in page
    assert browser.post(f"{address}file/")["Location"] == address  # not without a code
    browser.post(f"{address}code/")
    (letter,) = journey.post()
    code = next(word for word in letter.body.split() if word.isdigit() and len(word) == 6)
    assert browser.post(address, {"code": code}).status_code == 302
    response: Any = browser.post(f"{address}file/")
    content = b"".join(response.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def words_of(name: str, content: bytes) -> str:
    """Whatever can be read in a file: the text of a PDF's pages, and every byte beside."""
    found = name + content.decode("utf-8", "replace")
    if name.endswith(".pdf"):
        with pypdfium2.PdfDocument(content) as document:
            found += "".join(page.get_textpage().get_text_range() for page in document)
    return found


def test_what_was_masked_does_not_leave_the_house_and_the_rest_does(
    controller: Any,
    officer: StaffMember,
    approver: StaffMember,
    data_owner: StaffMember,
    now: datetime,
    freeze: Callable[[datetime], None],
) -> None:
    SystemFactory.create(controller=controller, code="members").owners.add(data_owner)
    journey = Journey(now, freeze, "appi", "disclosure")
    receipt = journey.fill_in()
    journey.confirm()
    case = Case.objects.select_related("key", "controller").get()
    desk, second = AtDesk(officer), AtDesk(approver)

    journey.day(1)
    desk.acts(case, "accept")
    journey.day(2)
    desk.acts(case, "confirm_identity", {"check_method": "photo_id"})
    found = gather(case, desk, data_owner)
    assert set(found) == {"table", "pdf"}
    journey.day(3)
    desk.browser.force_login(officer)
    mask(desk, found)
    desk.acts(case, "decide", outcome="partial", code="D1_harm", reason=REASON, withheld=WITHHELD)
    assert case.status == "in_approval"
    assert journey.post() == []
    assert REASON not in journey.come_back(*receipt)[1]
    second.acts(case, "approve")
    journey.post()
    assert (case.status, case.outcome) == ("decided", "partial")

    # The letter says what is not given, on which ground, and why.
    row = case.letters.get(kind=Letter.Kind.DECISION)
    assert letters.write(row.pk, journey.now) == Letter.State.ISSUED
    letter = case.letters.select_related("pdf", "case__key").get(pk=row.pk)
    for words in (WITHHELD, REASON, case.rules.refusals["D1_harm"].article_label.en):
        assert words in letter.body
    assert letter.pdf is not None
    assert b"".join(files.read(letter.pdf)).startswith(b"%PDF-")

    # Put together by the worker, released by two people, fetched with a code of its own.
    journey.day(4)
    desk.acts(case, "build_package")
    package = Package.objects.get(case=case)
    assert disclosure.build(package.pk, journey.now) == Package.State.READY
    desk.acts(case, "release", what=f"{package.pk}:portal")
    assert "/data/" not in journey.come_back(*receipt)[1]
    second.acts(case, "approve_release")
    journey.post()
    journey.day(5)
    got = download(journey, receipt, case)
    everything = "".join(words_of(name, content) for name, content in got.items())
    assert [words for words in MASKED if words in everything] == []
    assert [words for words in GIVEN if words not in everything] == []
    assert case.releases.get().fetched == 1

    journey.day(6)
    desk.acts(case, "close", notified_by="portal")
    case = Case.objects.select_related("key").get()
    acts = list(case.events.values_list("act", flat=True))
    assert acts.count("fetch_release") == 1
    assert ledger.verify(case) == case.event_count
    said = " ".join(str(event.facts) for event in case.events.all())
    assert [words for words in (*MASKED, "見本", "紹介") if words in said] == []
