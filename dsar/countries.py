"""Countries by name (Unicode CLDR): ISO 3166-1 codes as people read them."""

from __future__ import annotations

from functools import lru_cache

from babel import Locale

_NO_COUNTRIES = frozenset({"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"})


@lru_cache(maxsize=8)
def choices(language: str, first: str = "JP") -> tuple[tuple[str, str], ...]:
    """(code, name) in `language`, `first` on top and the others by name."""
    names = _names(language)
    others = sorted((name, code) for code, name in names.items() if code != first)
    return ((first, names[first]), *((code, name) for name, code in others))


def name(code: str, language: str) -> str:
    """A country's name; a code there is not stands for itself."""
    return _names(language).get(code, code)


@lru_cache(maxsize=8)
def _names(language: str) -> dict[str, str]:
    territories = Locale("ja" if language.startswith("ja") else "en").territories
    return {
        code: shown
        for code, shown in territories.items()
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    }
