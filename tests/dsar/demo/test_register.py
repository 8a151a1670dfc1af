"""The demo's register of third-party provision: found for those who ask, and made once."""

from __future__ import annotations

import pytest

from dsar import provisions
from dsar.demo import builder, telling
from dsar.demo.cases_under_way import UNDER_WAY
from dsar.models import Case, ThirdPartyProvision
from tests.dsar.demo.test_seed_demo import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("media")]


def test_the_records_are_proposed_to_the_case_of_the_person_and_made_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = [plot for plot in UNDER_WAY if plot.key == "stopped"]
    monkeypatch.setattr(builder, "PLOTS", asked)
    builder.seed(NOW)
    case = Case.objects.get(receipt_code_digest=telling.seed_digest("stopped"))
    [match] = provisions.proposed(case)
    assert match.is_strong
    assert match.record.party_name == "株式会社見本広告社"
    before = ThirdPartyProvision.objects.count()
    assert before == 7
    Case.objects.update(receipt_code_digest=b"forgotten")
    builder.seed(NOW)
    assert ThirdPartyProvision.objects.count() == before
