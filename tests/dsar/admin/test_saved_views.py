"""Views of the queue under a name: kept, found again, private, and without what was searched."""

from __future__ import annotations

from typing import Any

import pytest

from dsar.admin import saved_views
from dsar.models import SavedView
from tests.dsar.admin.desk import CASES, links_of, messages_of, text_of

pytestmark = pytest.mark.django_db
VIEWS = f"{CASES}views/"


def _save(browser: Any, name: str, query: str) -> Any:
    return browser.post(VIEWS, {"name": name, "back": query}, follow=True)


def test_a_narrowed_queue_is_kept_under_a_name(desk: Any, officer: Any) -> None:
    response = _save(desk, "Mine, overdue", "who=mine&due=overdue&p=3")
    view = SavedView.objects.get(owner=officer)
    assert view.query == "due=overdue&who=mine"
    assert "?due=overdue&who=mine" in links_of(response)
    assert "Mine, overdue" in text_of(desk.get(CASES))


def test_what_was_searched_for_is_never_kept(desk: Any) -> None:
    assert saved_views.clean_query("found=abcd&kind=appi:disclosure") == "kind=appi%3Adisclosure"
    response = _save(desk, "A person", "found=abcd")
    assert not SavedView.objects.exists()
    assert "Narrow the list down first, then save it." in messages_of(response)


def test_the_same_name_again_replaces_the_view(desk: Any) -> None:
    _save(desk, "Mine", "who=mine")
    _save(desk, "Mine", "who=mine&due=week")
    assert [view.query for view in SavedView.objects.all()] == ["due=week&who=mine"]


def test_a_view_without_a_name_or_with_a_long_one_is_refused(desk: Any) -> None:
    for name in ("", "x" * 41):
        assert "at most 40" in messages_of(_save(desk, name, "who=mine"))[0]
    assert not SavedView.objects.exists()


def test_only_so_many_views_are_kept(desk: Any, officer: Any, now: Any) -> None:
    SavedView.objects.bulk_create(
        SavedView(owner=officer, name=str(n), query="who=mine", created_at=now)
        for n in range(saved_views.MOST)
    )
    assert "Delete one first." in messages_of(_save(desk, "more", "who=nobody"))[0]


def test_a_view_is_private_and_deleted_by_its_owner_only(
    desk: Any, signed_in: Any, other_officer: Any
) -> None:
    _save(desk, "Secret plan", "who=mine")
    view = SavedView.objects.get()
    stranger = signed_in(other_officer)
    assert "Secret plan" not in text_of(stranger.get(CASES))
    assert stranger.post(f"{VIEWS}{view.pk}/delete/").status_code == 404
    desk.post(f"{VIEWS}{view.pk}/delete/")
    assert not SavedView.objects.exists()
