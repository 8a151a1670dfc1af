"""One question a page: order, jumps, changes, mistakes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dsar.models import Attachment, Case, IntakeDraft
from tests.dsar.intake.walking import ROOT, Walker, errors_of, page_of
from tests.factories import ControllerFactory, ServiceFactory, png

Come = Callable[..., Walker]
pytestmark = pytest.mark.django_db


def test_every_kind_of_request_can_be_made_from_the_first_page_to_the_receipt(
    visitor: Come, law_kind: tuple[str, str]
) -> None:
    regime, kind = law_kind
    walker = visitor(regime, kind)
    walker.walk()
    assert page_of(walker.send()) == "receipt"
    case = Case.objects.get()
    assert (case.regime, case.kind) == law_kind
    assert set(case.answers) == set(walker.kind.questions) - {"method"}
    assert bool(case.method) is bool(walker.kind.methods)
    assert case.people.get().name == "見本 花子"


def test_an_agent_is_asked_for_both_people_and_gets_the_mail(visitor: Come) -> None:
    walker = visitor(requester={"role": "statutory_agent"})
    walker.walk()
    walker.send()
    case = Case.objects.get()
    assert case.requester_role == "statutory_agent"
    assert {person.role for person in case.people.all()} == {"principal", "agent"}
    assert case.email() == "taro@agent.example"
    assert walker.pages.index("agent") < walker.pages.index("principal")


def test_the_agents_page_says_which_papers_will_be_needed(visitor: Come) -> None:
    walker = visitor(requester={"role": "mandated_agent"})
    walker.walk(until="agent")
    assert "Letter of attorney" in walker.get("agent").content.decode()


def test_nothing_is_stored_before_the_first_real_answer(visitor: Come) -> None:
    walker = visitor()
    walker.client.get(ROOT, follow=True)
    refused = walker.post("region", {})
    assert refused.status_code == 200
    assert not IntakeDraft.objects.exists()
    walker.post("region")
    assert IntakeDraft.objects.count() == 1


def test_where_one_lives_is_asked_only_if_there_is_a_choice(visitor: Come, controller: Any) -> None:
    assert page_of(visitor().client.get(ROOT)) == "region"
    controller.regimes = ["appi"]
    controller.save()
    assert page_of(visitor().client.get(ROOT)) == "want"


def test_a_rule_set_of_a_company_that_takes_no_requests_is_not_offered(
    visitor: Come, controller: Any
) -> None:
    ControllerFactory(regimes=["gdpr"], is_active=False)
    controller.regimes = ["appi"]
    controller.save()
    assert page_of(visitor().client.get(ROOT)) == "want"


def test_japan_is_offered_first(visitor: Come, controller: Any) -> None:
    controller.regimes = ["ccpa", "gdpr", "appi"]
    controller.save()
    form = visitor().get("region").context["form"]
    assert [code for code, _label in form.fields["regime"].choices] == ["appi", "gdpr", "ccpa"]


def test_the_company_is_asked_only_if_several_take_requests(
    visitor: Come, other_controller: Any
) -> None:
    walker = visitor(controller={"controller": "travel"})
    walker.walk()
    assert "controller" in walker.pages
    walker.send()
    assert Case.objects.get().controller == other_controller


def test_without_any_company_the_start_says_so_calmly(client: Any) -> None:
    page = client.get(ROOT)
    assert page.status_code == 200
    assert "still being set up" in page.content.decode()


@pytest.mark.parametrize("far", ["method", "attachments", "check", "scope"])
def test_jumping_ahead_leads_to_the_first_question_that_is_open(visitor: Come, far: str) -> None:
    walker = visitor()
    walker.walk(until="principal")
    assert page_of(walker.get(far)) == "principal"


def test_a_page_that_does_not_belong_to_the_request_leads_back(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="principal")
    assert page_of(walker.get("complaint")) == "principal"


def test_an_unknown_page_is_not_found(visitor: Come) -> None:
    assert visitor().get("no-such-page").status_code == 404


def test_a_wish_from_the_home_page_is_preselected_after_the_place_of_residence(
    visitor: Come,
) -> None:
    walker = visitor()
    first = walker.client.get(f"{ROOT}?want=erase")
    assert first["Location"].endswith("region/?want=erase")
    second = walker.client.post(first["Location"], {"regime": "appi"})
    assert second["Location"].endswith("want/?want=erase")
    assert walker.client.get(second["Location"]).context["form"].initial["want"] == "erase"


def test_a_made_up_wish_is_ignored(visitor: Come) -> None:
    assert "want=" not in visitor().client.get(f"{ROOT}?want=<script>")["Location"]


# --- The page that explains ---------------------------------------------------------------
def test_before_anything_personal_the_form_says_how_long_it_takes_and_what_it_costs(
    visitor: Come, controller: Any
) -> None:
    controller.fee_yen = 1500
    controller.save()
    walker = visitor()
    walker.walk(until="about")
    page = walker.get("about").content.decode()
    assert "14 calendar days" in page
    assert "3 business days" in page
    assert "1,500 yen" in page


def test_a_correction_is_free_whatever_the_company_charges(visitor: Come, controller: Any) -> None:
    controller.fee_yen = 1500
    controller.save()
    walker = visitor("appi", "correction")
    walker.walk(until="about")
    page = walker.get("about").content.decode()
    assert "free of charge" in page
    assert "1,500" not in page


# --- Changing an answer -------------------------------------------------------------------
def test_a_changed_answer_leads_back_to_the_check_page(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    response = walker.client.post(
        f"{ROOT}principal/?change=1", {**walker.typed("principal"), "name": "改名 花子"}
    )
    assert page_of(response) == "check"
    assert "改名 花子" in walker.get("check").content.decode()


def test_another_kind_drops_what_no_longer_applies_and_keeps_the_rest(visitor: Come) -> None:
    walker = visitor("appi", "disclosure")
    walker.walk()
    to_why = walker.client.post(f"{ROOT}want/?change=1", {"want": "erase"})
    assert page_of(to_why) == "why"
    to_ground = walker.client.post(f"{ROOT}why/?change=1", {"reason": "leak"})
    assert page_of(to_ground) == "ground"
    answers = IntakeDraft.objects.get().answers
    assert "method" not in answers
    assert answers["principal"]["name"] == "見本 花子"
    assert answers["scope"]["items"] == "登録内容"
    assert answers["kind"] == {"kind": "erasure_35_5"}


def test_another_reason_of_the_same_kind_asks_for_the_ground_anew_but_keeps_the_story(
    visitor: Come,
) -> None:
    walker = visitor("appi", "erasure_35_5")
    walker.walk()
    walker.client.post(f"{ROOT}why/?change=1", {"reason": "leak"})
    form = walker.get("ground").context["form"]
    assert form.initial["grounds"] == ["breach_35_5"]
    assert form.initial["circumstances"] == "退会しました。"
    assert page_of(walker.get("check")) == "ground"


def test_giving_up_the_agent_drops_the_agents_data(visitor: Come) -> None:
    walker = visitor(requester={"role": "mandated_agent"})
    walker.walk()
    walker.client.post(f"{ROOT}requester/?change=1", {"role": "self"})
    assert "agent" not in IntakeDraft.objects.get().answers


def test_an_untrue_reason_leads_from_erasing_to_deletion_under_article_34(visitor: Come) -> None:
    walker = visitor(want={"want": "erase"}, why={"reason": "untrue"})
    walker.walk(until="about")
    assert walker.get("about").context["kind"].code == "deletion"


def test_a_company_that_stops_taking_requests_is_asked_for_again(
    visitor: Come, other_controller: Any
) -> None:
    third: Any = ControllerFactory(code="third", regimes=["appi"])
    walker = visitor(controller={"controller": "third"})
    walker.walk()
    third.is_active = False
    third.save()
    assert page_of(walker.send()) == "controller"
    assert not Case.objects.exists()


# --- Mistakes -----------------------------------------------------------------------------
def test_a_mistake_is_told_beside_the_field_and_nothing_typed_is_lost(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="principal")
    typed = {"name": "見本 花子", "birth_date_year": "平成2", "birth_date_month": "13"}
    page = walker.post("principal", typed)
    assert set(errors_of(page)) == {"birth_date"}
    body = page.content.decode()
    assert "見本 花子" in body
    assert 'value="平成2"' in body
    assert "There is a problem" in body
    assert "<title>Error: " in body


def test_a_birth_date_in_the_future_is_refused(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="principal")
    future = {
        "name": "未来",
        "birth_date_year": "2999",
        "birth_date_month": "1",
        "birth_date_day": "1",
    }
    assert "birth_date" in errors_of(walker.post("principal", future))


def test_a_request_has_to_say_which_data_it_means(visitor: Come, controller: Any) -> None:
    ServiceFactory(controller=controller)
    walker = visitor()
    walker.walk(until="scope")
    assert "items" in errors_of(walker.post("scope", {}))
    assert walker.post("scope", {"services": ["サンプル会員サービス"]}).status_code == 302


def test_a_minor_who_asks_alone_may_go_on_and_is_told_about_it(
    visitor: Come, freeze: Any, now: Any
) -> None:
    freeze(now)
    walker = visitor()
    walker.walk()
    assert walker.get("check").context["is_minor"] is False
    day_before_majority = {
        "birth_date_year": "2008",
        "birth_date_month": "11",
        "birth_date_day": "11",
    }
    walker.post("principal", {"name": "見本 若葉", **day_before_majority})
    assert walker.get("check").context["is_minor"] is True
    birthday = {**day_before_majority, "birth_date_day": "10"}
    walker.post("principal", {"name": "見本 若葉", **birthday})
    assert walker.get("check").context["is_minor"] is False


def test_it_is_not_sent_without_consent(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    page = walker.client.post(f"{ROOT}check/", {})
    assert "consent" in errors_of(page)
    assert not Case.objects.exists()


def test_the_answers_lie_sealed_and_the_cookie_is_for_the_server_alone(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM dsar_intakedraft")
        assert "見本".encode() not in bytes(cursor.fetchone()[0])
    cookie = walker.client.cookies["request_draft"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert walker.get("check")["Cache-Control"].find("no-store") >= 0


def test_a_cookie_that_was_tampered_with_finds_no_draft(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    walker.client.cookies["request_draft"] = walker.client.cookies["request_draft"].value + "x"
    assert page_of(walker.get("check")) == "expired"


# --- What a page costs --------------------------------------------------------------------
@pytest.mark.parametrize(
    "page",
    [
        "region",
        "want",
        "about",
        "requester",
        "principal",
        "scope",
        "method",
        "attachments",
        "check",
    ],
)
def test_showing_a_page_takes_at_most_five_queries(
    visitor: Come, controller: Any, page: str
) -> None:
    for number in range(3):
        ServiceFactory(controller=controller, name_ja=f"サービス{number}")
    walker = visitor()
    walker.walk()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert walker.get(page).status_code == 200
    assert len(queries) <= 5, [query["sql"][:90] for query in queries]


def test_sending_takes_two_queries_to_load_beside_the_fifteen_of_filing(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    with CaptureQueriesContext(connection) as queries:
        assert page_of(walker.send()) == "receipt"
    counted = [q["sql"] for q in queries if "SAVEPOINT" not in q["sql"]]
    assert len(counted) <= 2 + 15, [sql[:90] for sql in counted]


def test_files_of_a_draft_go_over_to_the_case(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    walker.client.post(f"{ROOT}attachments/", {"papers": [png()]})
    walker.send()
    assert Attachment.objects.get().case == Case.objects.get()


@pytest.mark.parametrize(
    ("regime", "kind", "is_told"),
    [("appi", "disclosure", True), ("ccpa", "delete", False)],
)
def test_the_clock_is_said_to_wait_only_where_the_law_lets_it(
    visitor: Come, regime: str, kind: str, is_told: bool
) -> None:
    walker = visitor(regime, kind)
    walker.walk(until="about")
    html = walker.get("about").content.decode()
    assert ("the time until we have it may not be counted" in html) is is_told


def test_without_papers_the_check_page_says_that_none_are_attached(visitor: Come) -> None:
    walker = visitor()
    walker.walk()
    assert "None attached" in walker.get("check").content.decode()


# --- Leaving a page that is not finished --------------------------------------------------
@pytest.mark.parametrize("then", ["back", "later"])
def test_what_was_typed_is_kept_when_one_leaves_an_unfinished_page(
    visitor: Come, then: str
) -> None:
    walker = visitor(kind="correction")
    walker.walk(until="correction")
    left = walker.post("correction", {"wrong": "番地が古い", "right": "", "why": "", "then": then})
    assert page_of(left) == {"back": "scope", "later": "save"}[then]
    shown = walker.get("correction").context["form"]
    assert shown["wrong"].value() == "番地が古い"
    assert page_of(walker.client.get(ROOT)) == "correction"


def test_a_page_left_blank_does_not_wipe_what_was_answered_before(visitor: Come) -> None:
    walker = visitor(kind="correction")
    walker.walk()
    walker.post("correction", {"wrong": "", "right": "", "why": "", "then": "back"})
    assert page_of(walker.client.get(ROOT)) == "check"


def test_text_that_cannot_be_kept_stays_on_the_page_when_one_stops_for_now(visitor: Come) -> None:
    walker = visitor()
    walker.walk(until="principal")
    typed = {"name": "見本 花子", "birth_date_year": "1988", "birth_date_month": "13"}
    stays = walker.post("principal", {**typed, "then": "later"})
    assert "birth_date" in errors_of(stays)
    assert "13" in stays.content.decode()
    assert page_of(walker.post("principal", {**typed, "then": "back"})) == "requester"
    assert page_of(walker.post("principal", {"name": "見本 桜", "then": "later"})) == "save"


def test_a_range_without_a_choice_can_be_left(visitor: Come) -> None:
    walker = visitor("ccpa", "know_specific")
    walker.walk(until="range")
    left = walker.post("range", {"range": "", "begin_year": "2024", "then": "back"})
    assert left.status_code == 302
