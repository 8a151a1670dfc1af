"""The form that decides: the same for all items, or item by item."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar import decision
from dsar.admin import law_words
from dsar.admin.decision_forms import DecisionForm, articles, labelled, sent_back
from dsar.components import SummaryRow
from dsar.form_fields import CleanText
from dsar.models import Case, Decision, Outcome, RequestedItem
from dsar.widgets import RadioCards

WRITTEN = ("code", "reason", "withheld", "alternative_measure", "answer")
"""What a decision says beside its outcome."""
OF_ITEM = ("outcome", "code", "withheld", "alternative_measure", "reason")
"""What is asked of each item, in this order."""


@dataclass(frozen=True, slots=True)
class Group:
    """One item with its fields: what comes of it, and why."""

    title: str
    outcome: Any
    why: list[Any]


class DecideForm(DecisionForm):
    """Grant, grant in part, refuse, or state that no data is held.

    With several items the officer may decide on each (`each` is then "1"): the fields of an item
    are named after it, "<item>_outcome" and so on.
    """

    act = "decide"
    template_name = "admin/dsar/case/decide_form.html"

    each = forms.CharField(widget=forms.HiddenInput, required=False)
    outcome = forms.ChoiceField(label=gettext_lazy("Outcome"), widget=RadioCards)
    code = forms.ChoiceField(
        label=gettext_lazy("Ground for refusing"),
        help_text=gettext_lazy("Only if the request is refused, wholly or in part."),
        required=False,
        widget=RadioCards,
    )
    withheld = CleanText(
        label=gettext_lazy("Which part is not granted"),
        help_text=gettext_lazy("Only if the request is granted in part."),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )
    alternative_measure = CleanText(
        label=gettext_lazy("Alternative measure"),
        help_text=gettext_lazy(
            "What is done instead to protect the person, where the ground asks for it."
        ),
        multiline=True,
        rows=3,
        required=False,
        max_length=5000,
    )
    reason = CleanText(
        label=gettext_lazy("Reasons"),
        help_text=gettext_lazy("In words the person understands; needed unless granted wholly."),
        multiline=True,
        rows=6,
        required=False,
        max_length=5000,
    )
    answer = CleanText(
        label=gettext_lazy("What the person is told beside"),
        help_text=gettext_lazy("For example what was corrected, or how the data reaches them."),
        multiline=True,
        rows=4,
        required=False,
        max_length=5000,
    )

    def prepare(self) -> None:
        """Only the outcomes and grounds of the kind; what was sent back is there to be changed."""
        self.items: list[RequestedItem] = []
        if decision.has_items(self.case):
            self.items = list(self.case.items.all())
        self.outcomes = decision.outcomes(self.case)
        refusals = [self.case.rules.refusals[code] for code in self.case.rule.refusals]
        self.refusals = [refusal for refusal in refusals if refusal.is_refusal]
        other_ways = [self.case.rules.refusals[code] for code in decision.other_ways(self.case)]
        self.sent_back = sent_back(self.case)
        if self.sent_back is not None:
            self._begin_with(self.sent_back[0])
        field: Any = self.fields["outcome"]
        field.choices = [(outcome.value, outcome.label) for outcome in self.outcomes]
        field.widget.hints = self._hints()
        if len(self.outcomes) == 1:
            self.initial.setdefault("outcome", self.outcomes[0].value)
        ground: Any = self.fields["code"]
        grounds = [*self.refusals, *other_ways]
        ground.choices = [("", _("None: granted or not held")), *labelled(grounds)]
        ground.widget.hints = articles(grounds)
        if other_ways:
            ground.label = _("Ground")
            ground.help_text = _(
                "Only if the request is refused, wholly or in part, or granted in another way than "
                "was asked."
            )
        if Outcome.PARTIAL not in self.outcomes:
            for name in ("code", "withheld", "alternative_measure"):
                del self.fields[name]
        elif not any(refusal.requires_alternative for refusal in self.refusals):
            del self.fields["alternative_measure"]
        if self.outcomes == [Outcome.ANSWERED]:
            del self.fields["reason"]
            answer = self.fields["answer"]
            answer.label, answer.help_text = _("Answer to the complaint"), ""
            answer.required = True
            answer.error_messages["required"] = _("Write the answer to the complaint.")
        if self.is_by_item:
            self._ask_each()

    def _hints(self) -> dict[str, str]:
        """Which outcomes go to a second person."""
        return {
            outcome.value: _("Goes to a second person for approval.")
            for outcome in self.outcomes
            if decision.needs_approval(self.case, decision.Draft(outcome))
        }

    def _begin_with(self, last: Decision) -> None:
        """What was sent back is there to be changed, in the way it was decided."""
        for name in ("outcome", *WRITTEN):
            self.initial.setdefault(name, getattr(last, name))
        rows = decision.items_of(self.case, last)
        said = {tuple(getattr(row, name) for name in OF_ITEM) for row in rows}
        if len(said) > 1:
            self.initial.setdefault("each", "1")
        for row in rows:
            for name in OF_ITEM:
                self.initial.setdefault(f"{row.item_id}_{name}", getattr(row, name))

    @property
    def may_split(self) -> bool:
        """Whether there are several items, on which one may decide apart."""
        return len(self.items) > 1

    @property
    def is_by_item(self) -> bool:
        """Whether each item is decided apart."""
        given = self.data if self.is_bound else self.initial
        return self.may_split and given.get("each") == "1"

    def _ask_each(self) -> None:
        """The fields of each item in place of those for all, which they begin with."""
        asked = {name: self.fields.pop(name) for name in OF_ITEM if name in self.fields}
        answer = self.fields.pop("answer")
        grounds = articles(self.refusals)
        for item in self.items:
            for name, like in asked.items():
                field: Any
                if name == "code":
                    named = [(c, f"{text} ({grounds[c]})") for c, text in labelled(self.refusals)]
                    field = forms.ChoiceField(
                        label=like.label,
                        choices=[("", _("Choose a ground")), *named],
                        required=False,
                    )
                elif name == "outcome":
                    field = forms.ChoiceField(label=like.label, widget=RadioCards)
                    field.choices = [(o.value, o.label) for o in self.outcomes]
                else:
                    field = CleanText(
                        label=like.label, multiline=True, rows=2, required=False, max_length=5000
                    )
                self.fields[f"{item.pk}_{name}"] = field
                self.initial.setdefault(f"{item.pk}_{name}", self.initial.get(name, ""))
        self.fields["answer"] = answer

    def groups(self) -> Iterator[Group]:
        """The items with their fields, for the page."""
        for item in self.items:
            names = [f"{item.pk}_{name}" for name in OF_ITEM[1:]]
            yield Group(
                item.title,
                self[f"{item.pk}_outcome"],
                [self[name] for name in names if name in self.fields],
            )

    def after_groups(self) -> Any:
        """The field that is for all items together."""
        return self["answer"]

    @classmethod
    def title(cls, case: Case) -> str:
        """The heading; that some go to approval is said with the outcome."""
        return _("Decide")

    def intro(self) -> list[str]:
        """What the law asks for, and that there is a preview."""
        duty = self.case.rule.duty.in_language(law_words.language())
        return [duty, _("Before anything is decided you see what the person will read.")]

    def rows(self) -> list[SummaryRow]:
        """What the second person wants changed, and what is asked for."""
        found = []
        if self.sent_back is not None:
            found.append(SummaryRow(label=_("What should be changed"), value=self.sent_back[1]))
        if self.may_split and not self.is_by_item:
            titles = [item.title for item in self.items]
            found.append(SummaryRow(label=_("Decided alike"), value=titles))
        return found

    def check(self) -> bool:
        """Also: a part that is not granted belongs to a grant in part; the person would read it."""
        draft = self.draft()
        if super().check() and draft.withheld and draft.outcome != Outcome.PARTIAL:
            self.add_error("withheld", _("Leave this empty unless the request is granted in part."))
        return not self.errors

    def submit_label(self) -> str:
        """The button of the preview."""
        if decision.needs_approval(self.case, self.draft()):
            return _("Send to approval")
        return _("Decide and tell the person")

    def done(self) -> str:
        """Said afterwards."""
        if decision.needs_approval(self.case, self.draft()):
            return _("The decision waits for approval by a second person.")
        return _("The decision was made, and the person is told.")

    def draft(self) -> decision.Draft:
        """The decision as written. Words that an item's outcome has no use for are left out."""
        given = self.cleaned_data
        if self.is_by_item:
            drafts = [_of_item(item.pk, given) for item in self.items]
            return decision.by_item(drafts, given.get("answer") or "")
        words = {name: str(given.get(name) or "") for name in WRITTEN}
        return decision.Draft(
            given.get("outcome", ""),
            words["code"],
            words["reason"],
            words["withheld"],
            words["alternative_measure"],
            words["answer"],
        )


def _of_item(pk: int, given: Mapping[str, Any]) -> decision.ItemDraft:
    words = {name: given.get(f"{pk}_{name}") or "" for name in OF_ITEM}
    if words["outcome"] not in (Outcome.REFUSED, Outcome.PARTIAL):
        words |= {"code": "", "alternative_measure": "", "reason": ""}
    if words["outcome"] != Outcome.PARTIAL:
        words["withheld"] = ""
    return decision.ItemDraft(pk, **words)
