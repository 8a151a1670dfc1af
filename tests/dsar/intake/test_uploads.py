"""Papers: what may come in, what is told, what stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from dsar import files
from dsar.models import Attachment, IdentityDocument
from tests.dsar.intake.walking import ROOT, Walker, page_of
from tests.factories import pdf, png

Come = Callable[..., Walker]
pytestmark = pytest.mark.django_db
ADD = f"{ROOT}attachments/"


@pytest.fixture
def walker(visitor: Come) -> Walker:
    """Someone who has come as far as the papers."""
    walker = visitor()
    walker.walk(until="attachments")
    return walker


def add(walker: Walker, *uploads: Any, then: str = "stay") -> Any:
    """Choose files and press the button."""
    return walker.client.post(ADD, {"papers": list(uploads), "then": then})


def problems(page: Any) -> list[str]:
    """What the page says of the files."""
    return list(page.context["form"].errors.get("papers", []))


def test_several_files_are_added_at_once_and_listed(walker: Walker) -> None:
    assert page_of(add(walker, png("表.png"), pdf())) == "attachments"
    assert [row.name for row in walker.get("attachments").context["files"]] == [
        "表.png",
        "委任状.pdf",
    ]


def test_files_chosen_with_the_next_button_are_added_too(walker: Walker) -> None:
    assert page_of(add(walker, png(), then="")) == "check"
    assert Attachment.objects.count() == 1


def test_going_on_without_papers_is_allowed(walker: Walker) -> None:
    assert page_of(walker.client.post(ADD, {})) == "check"


def test_a_program_that_calls_itself_a_pdf_is_refused_by_its_content(walker: Walker) -> None:
    program = SimpleUploadedFile("免許証.pdf", b"MZ\x90\x00" + b"\0" * 600, "application/pdf")
    page = add(walker, program)
    assert page.status_code == 200
    assert "免許証.pdf" in problems(page)[0]
    assert not Attachment.objects.exists()


def test_a_bad_file_is_named_and_the_good_ones_beside_it_stay(walker: Walker) -> None:
    page = add(walker, png("良い.png"), SimpleUploadedFile("メモ.txt", b"hello"), pdf("良い.pdf"))
    assert len(problems(page)) == 1
    assert "メモ.txt" in problems(page)[0]
    assert [row.name for row in page.context["files"]] == ["良い.png", "良い.pdf"]


def test_a_file_that_is_too_large_is_told_with_the_limit(walker: Walker, settings: Any) -> None:
    settings.ATTACHMENT_MAX_BYTES = 1024 * 1024
    page = add(walker, png("大きい.png", size=1024 * 1024 + 1), png("小さい.png"))
    assert problems(page) == ["“大きい.png” is larger than 1 MB. Make it smaller and add it again."]
    assert [row.name for row in page.context["files"]] == ["小さい.png"]


def test_an_empty_file_is_told(walker: Walker) -> None:
    assert "is empty" in problems(add(walker, SimpleUploadedFile("空.png", b"")))[0]


def test_more_files_than_allowed_are_told_one_by_one(walker: Walker, settings: Any) -> None:
    settings.ATTACHMENT_MAX_COUNT = 2
    add(walker, png("1.png"))
    page = add(walker, png("2.png"), png("3.png"))
    assert len(problems(page)) == 1
    assert "3.png" in problems(page)[0]
    assert Attachment.objects.count() == 2


def test_a_file_is_removed_only_after_asking(walker: Walker) -> None:
    add(walker, png("表.png"))
    row = Attachment.objects.get()
    ask = walker.client.get(f"{ADD}{row.pk}/remove/")
    assert "表.png" in ask.content.decode()
    assert Attachment.objects.exists()
    assert page_of(walker.client.post(f"{ADD}{row.pk}/remove/")) == "attachments"
    assert not Attachment.objects.exists()


def test_nobody_can_remove_a_strangers_file(walker: Walker, visitor: Come) -> None:
    add(walker, png())
    stranger = visitor()
    stranger.walk(until="attachments")
    url = f"{ADD}{Attachment.objects.get().pk}/remove/"
    assert stranger.client.get(url).status_code == 404
    assert stranger.client.post(url).status_code == 404
    assert Attachment.objects.exists()


def test_what_is_stored_is_sealed_and_reads_back(walker: Walker, media: Any) -> None:
    upload = pdf(text="very secret")
    add(walker, upload)
    row = Attachment.objects.select_related("draft__key").get()
    sealed = b"".join(path.read_bytes() for path in media.rglob("*") if path.is_file())
    assert b"very secret" not in sealed
    assert b"very secret" in b"".join(files.read(row))


@pytest.mark.parametrize(
    ("role", "words"),
    [
        ("self", "Driver’s licence"),
        ("statutory_agent", "Family register extract"),
        ("mandated_agent", "Letter of attorney"),
    ],
)
def test_the_page_says_which_papers_fit_and_what_to_cover(
    visitor: Come, role: str, words: str
) -> None:
    walker = visitor(requester={"role": role})
    walker.walk(until="attachments")
    page = walker.get("attachments").content.decode()
    assert words in page
    assert "My Number (12 digits)" in page


def test_where_no_identity_is_checked_no_papers_are_asked_for(visitor: Come) -> None:
    walker = visitor("ccpa", "opt_out")
    walker.walk(until="attachments")
    page = walker.get("attachments").content.decode()
    assert "Nothing is required" in page
    assert "My Number" not in page


# --- Proof of identity --------------------------------------------------------------------
PROVE = f"{ADD}identity/"


def test_a_proof_of_identity_is_kept_apart_with_its_type(walker: Walker) -> None:
    assert PROVE in walker.get("attachments").content.decode()
    page = walker.client.get(PROVE).content.decode()
    assert "do not send the back of the card" in page
    sent = {"type": "principal:passport", "upload": [png("旅券.png")]}
    assert page_of(walker.client.post(PROVE, sent)) == "attachments"
    row = IdentityDocument.objects.get()
    assert (row.case, row.subject, row.type) == (None, "principal", "passport")
    assert row.attachment is not None
    assert row.attachment.purpose == "identity"
    assert "Passport" in walker.get("attachments").content.decode()


def test_a_proof_without_its_day_of_issue_is_asked_for_it(walker: Walker) -> None:
    sent = {"type": "principal:seal_certificate", "upload": [png("印鑑.png")]}
    page = walker.client.post(PROVE, sent)
    assert set(page.context["form"].errors) == {"issued_on", "upload"}
    assert not IdentityDocument.objects.exists()


def test_a_proof_counts_among_the_files(walker: Walker, settings: Any) -> None:
    settings.ATTACHMENT_MAX_COUNT = 1
    add(walker, pdf())
    sent = {"type": "principal:passport", "upload": [png("旅券.png")]}
    assert "upload" in walker.client.post(PROVE, sent).context["form"].errors


def test_a_proof_that_is_removed_leaves_nothing(walker: Walker) -> None:
    walker.client.post(PROVE, {"type": "principal:passport", "upload": [png("旅券.png")]})
    pk = IdentityDocument.objects.get().attachment_id
    walker.client.post(f"{ADD}{pk}/remove/")
    assert not IdentityDocument.objects.exists()
    assert not Attachment.objects.exists()
