"""What every part of a statute file is made of."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=40)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Unit = Literal["calendar_day", "business_day", "week", "calendar_month"]
Roll = Literal["none", "next_business_day"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Text(Part):
    """One sentence or label in both languages of the portal."""

    ja: Line
    en: Line

    def in_language(self, language: str) -> str:
        """The text for a tag such as ``ja``, ``en`` or ``en-us``; English if not Japanese."""
        return self.ja if language.lower().split("-")[0] == "ja" else self.en


def _with_codes(entries: Any) -> Any:
    """Give each entry of a table its key as ``code``."""
    if not isinstance(entries, dict):
        return entries
    return {
        key: {"code": key, **value} if isinstance(value, dict) else value
        for key, value in entries.items()
    }


coded = BeforeValidator(_with_codes)
some = Field(min_length=1)
