"""A decided disclosure with material of every form, for the tests of what leaves the house."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from typing import Any

import pikepdf
from PIL import Image

from dsar import decision, disclosure, files, ledger, materials
from dsar.models import Attachment, Case, Material, Package, Release, StaffMember
from tests import factories

TABLE = [
    {"氏名": "見本 花子", "メモ": '=HYPERLINK("http://x.example")', "金額": -500},
    {"氏名": "𠮷田 髙子", "メモ": "+81-90-0000-0000", "金額": 1200},
]


def a_pdf(pages: int = 1, text: str = "record") -> bytes:
    """A PDF whose pages say something."""
    with pikepdf.new() as made:
        font = made.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type1,
                BaseFont=pikepdf.Name.Helvetica,
            )
        )
        for number in range(pages):
            page = made.add_blank_page(page_size=(595, 842))
            name = page.add_resource(font, pikepdf.Name.Font)
            drawn = f"BT {name} 12 Tf 72 720 Td ({text} {number + 1}) Tj ET"
            page.contents_add(made.make_stream(drawn.encode()))
        written = io.BytesIO()
        made.save(written)
    return written.getvalue()


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    """A white picture."""
    written = io.BytesIO()
    Image.new("RGB", size, "white").save(written, kind)
    return written.getvalue()


def include(material: Material) -> Material:
    """Material as the decision leaves it: given to the person, its copy ready."""
    material.state = Material.State.INCLUDED
    if material.form != Material.Form.OTHER:
        original = material.original
        original.case = material.case
        material.released = files.keep(
            files.read(original),
            case=material.case,
            name=original.name,
            content_type=original.content_type,
            purpose=Attachment.Purpose.RELEASED,
            at=material.added_at,
        )
        material.copy_state = Material.Copy.READY
    material.save()
    return material


def add_materials(case: Case, at: datetime) -> list[Material]:
    """A table, a PDF, a picture and a file of no known type."""
    item = case.items.first()
    return [
        include(materials.add_table(case, "会員情報", list(TABLE[0]), TABLE, at=at, item=item)),
        include(materials.add_file(case, [a_pdf(2)], name="通話記録.pdf", at=at)),
        include(materials.add_file(case, [a_picture()], name="写真.jpg", at=at)),
        include(materials.add_file(case, [b"plain words"], name="メモ.txt", at=at)),
    ]


def granted(
    case: Case, *, officer: StaffMember, approver: StaffMember, at: datetime, **draft: Any
) -> Case:
    """The case, decided: the person gets what `add_materials` adds."""
    factories.advance(case, "in_progress", officer=officer, approver=approver, at=at)
    add_materials(case, at)
    decision.record(
        case, decision.Draft(**{"outcome": "granted", **draft}), by=ledger.staff(officer), at=at
    )
    if case.status == "in_approval":
        decision.approve(case, by=ledger.staff(approver), at=at)
    return case


def built(case: Case, form: str, *, officer: StaffMember, at: datetime) -> Package:
    """A package, ready."""
    package = disclosure.order(case, form, by=ledger.staff(officer), at=at)
    disclosure.build(package.pk, at)
    package = Package.objects.select_related("case__key", "case__controller", "file").get(
        pk=package.pk
    )
    assert package.state == Package.State.READY, package.fault
    return package


def content(package: Package) -> bytes:
    """The bytes of a package."""
    assert package.file is not None
    return b"".join(files.read(package.file))


def unzipped(package: Package) -> dict[str, bytes]:
    """The members of an open package by name."""
    with zipfile.ZipFile(io.BytesIO(content(package))) as opened:
        assert opened.testzip() is None
        return {name: opened.read(name) for name in opened.namelist()}


def the_release(case: Case) -> Release:
    """The newest release of a case."""
    found = case.releases.select_related("package__file", "case__key").last()
    assert found is not None
    return found
