"""To whom a letter goes: the person, the block above the letter, the words of honour."""

from __future__ import annotations

from dsar import identity
from dsar.models import Case, Person

_BODIES = (
    *("会社", "法人", "事務所", "組合", "協会", "財団", "センター", "御中"),
    *("(株)", "（株）", "㈱", "(有)", "（有）", "㈲"),
)
"""What the name of an organization begins or ends with; it is addressed 御中, a person 様."""


def addressee(case: Case, kind: str) -> Person | None:
    """Who gets a letter: the agent where there is one who may receive it, else the principal."""
    return identity.addressee(case, kind)


def honoured(name: str) -> str:
    """A Japanese name as it stands on an envelope: 見本 花子 様, サンプル法律事務所 御中."""
    bare = name.strip()
    if not bare or bare.endswith(("様", "御中", "殿", "先生")):
        return bare
    is_body = bare.endswith(_BODIES) or bare.startswith(("株式会社", "有限会社", "合同会社"))
    return f"{bare}　{'御中' if is_body else '様'}"


def block(case: Case, person: Person | None, language: str) -> str:
    """The addressee's lines; only the name where no address is known."""
    if person is None:
        return ""
    address = [line.strip() for line in person.address.splitlines() if line.strip()]
    postal_code = person.postal_code.strip()
    # An address written in Japanese is delivered in Japan, whatever language the letter is in.
    is_japanese = language.startswith("ja")
    name = honoured(person.name) if is_japanese else person.name.strip()
    on_behalf = _on_behalf(case, person, is_japanese)
    if is_japanese:
        lines = [f"〒{postal_code}" if postal_code else "", *address, name, on_behalf]
    else:
        lines = [name, on_behalf, *address, postal_code]
    return "\n".join(line for line in lines if line)


def _on_behalf(case: Case, person: Person, is_japanese: bool) -> str:
    """For whom an agent gets the letter."""
    if person.role != Person.Role.AGENT:
        return ""
    principal = next((row for row in case.people.all() if row.role == Person.Role.PRINCIPAL), None)
    if principal is None or not principal.name:
        return ""
    if is_japanese:
        return f"（{principal.name.strip()}　様　代理人）"
    return f"(on behalf of {principal.name.strip()})"
