"""Case numbers and codes that people read out and type in.

A case number is 12 digits, shown 4-4-4: year and month of receipt, seven random digits (so that
it tells nobody how many requests there are), and a check digit by Damm's algorithm (Damm 2004),
which finds every single wrong digit and every swap of neighbours.
"""

from __future__ import annotations

import secrets
import unicodedata
from datetime import date

_DAMM = (
    "0317598642",
    "7092154863",
    "4206871359",
    "1750983426",
    "6123045978",
    "3674209581",
    "5869720134",
    "8945362017",
    "9438617205",
    "2581436790",
)
# Crockford's base 32: no I, L, O, U, so nothing is misread.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0"})
RECEIPT_CODE_LETTERS = 16
ONE_TIME_CODE_DIGITS = 6


def check_digit(digits: str) -> str:
    """Damm's check digit of a string of digits."""
    interim = 0
    for digit in digits:
        interim = int(_DAMM[interim][int(digit)])
    return str(interim)


def new_case_number(received_on: date) -> str:
    """A fresh number for a case received on that day; uniqueness is the database's to enforce."""
    body = f"{received_on:%y%m}{secrets.randbelow(10**7):07d}"
    return body + check_digit(body)


def show_case_number(number: str) -> str:
    """The number as people see it: 2611-4839-2075."""
    return "-".join(number[i : i + 4] for i in range(0, len(number), 4))


def read_case_number(typed: str) -> str | None:
    """The bare number in what was typed (any width, any separators), or None if it is no number."""
    digits = _digits(typed)
    if len(digits) != 12 or check_digit(digits[:-1]) != digits[-1]:
        return None
    return digits


def new_receipt_code() -> str:
    """A receipt code: 16 letters, 80 random bits."""
    return new_code(RECEIPT_CODE_LETTERS)


def new_code(letters: int) -> str:
    """Letters and digits at random that nobody misreads, five bits each."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(letters))


def show_receipt_code(code: str) -> str:
    """The code as people see it: 7F3K-2M9Q-…"""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def read_receipt_code(typed: str) -> str:
    """The bare code in what was typed: any width, case and separators; I, L and O forgiven."""
    folded = unicodedata.normalize("NFKC", typed).upper().translate(_MISREAD)
    return "".join(ch for ch in folded if ch in _ALPHABET)


def new_one_time_code() -> str:
    """A six-digit code for e-mail."""
    return f"{secrets.randbelow(10**ONE_TIME_CODE_DIGITS):0{ONE_TIME_CODE_DIGITS}d}"


def read_one_time_code(typed: str) -> str:
    """The digits of what was typed."""
    return _digits(typed)


def _digits(typed: str) -> str:
    """The decimal digits of any script as 0 to 9; everything else is left out."""
    folded = unicodedata.normalize("NFKC", typed)
    return "".join(str(unicodedata.decimal(ch)) for ch in folded if ch.isdecimal())
