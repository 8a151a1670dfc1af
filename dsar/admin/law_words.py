"""The case's rule set in the reader's words: kinds, duties, grounds, methods."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dsar import law
from dsar.models import Case

_ARTICLE = re.compile(r"(\d+)(?:\((\d+)\))?")


@dataclass(frozen=True, slots=True)
class Ground:
    """A statutory reason with the place where it stands."""

    code: str
    text: str
    article: str


def language() -> str:
    """The language in use, as a tag."""
    return get_language() or "ja"


def kind_title(case: Case) -> str:
    """What kind of request it is."""
    return case.rule.title.in_language(language())


def kind_article(case: Case) -> str:
    """Where the law has this kind."""
    return case.rule.article_label.in_language(language())


def kind_in_short(case: Case) -> str:
    """The rule set and the number of the article, for narrow columns.

    In Japanese an article with its paragraph is read 第33条第1項, not 33(1).
    """
    tongue, article = language(), case.rule.article
    found = _ARTICLE.fullmatch(article)
    if found and tongue.startswith("ja"):
        article = f"第{found[1]}条" + (f"第{found[2]}項" if found[2] else "")
    return f"{case.rules.short_name.in_language(tongue)} {article}"


def duty_rule(case: Case, role: str) -> law.DeadlineRule | None:
    """The statute's entry for a deadline of the case; periods to cure may be borrowed."""
    rules = case.rules
    own = rules.deadline(case.kind, role)
    return own or next((rule for rule in rules.deadlines.values() if rule.role == role), None)


def duty_title(case: Case, role: str) -> str:
    """What a deadline is for."""
    rule = duty_rule(case, role)
    return rule.title.in_language(language()) if rule else role


def ground(case: Case, code: str) -> Ground | None:
    """The refusal or threshold of that code in the case's rule set."""
    rules = case.rules
    found: law.Refusal | law.Threshold | None = rules.refusals.get(code)
    found = found or rules.thresholds.get(code)
    if found is None:
        return None
    tongue = language()
    return Ground(code, found.text.in_language(tongue), found.article_label.in_language(tongue))


def method_in_words(case: Case, method: str, delivery: str) -> str:
    """A method of disclosure with its delivery; empty where none was chosen."""
    rules, tongue = case.rules, language()
    titles = []
    if method in rules.methods:
        titles.append(rules.methods[method].title.in_language(tongue))
    if delivery in rules.deliveries:
        titles.append(rules.deliveries[delivery].title.in_language(tongue))
    return _(" – ").join(titles)
