"""A visitor of the form, without limits of time and number unless a test is about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from dsar import limits
from tests.dsar.intake.walking import Walker


@pytest.fixture(autouse=True)
def _unhurried(settings: Any) -> Iterator[None]:
    settings.RATE_LIMITS = False
    limits.reset()
    with translation.override("en"):
        yield
    limits.reset()


@pytest.fixture
def visitor(controller: Any, media: Any) -> Callable[..., Walker]:
    """`visitor("appi", "disclosure")`: someone with a browser of their own."""

    def come(regime: str = "appi", kind: str = "disclosure", **choices: Any) -> Walker:
        walker = Walker(Client(), regime, kind)
        walker.choices.update(choices)
        return walker

    return come
