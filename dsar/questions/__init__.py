"""What is asked: the steps from "what do you want?" to a filing, shared by form and desk.

Answers are JSON, by step; a step's form turns typed text into its answer and back:

    region {regime} · want {want, reason} · kind {kind} · controller {controller}
    requester {role} · agent {name, kana, relation, postal_code, address, email, phone}
    principal {name, kana, birth_date, former_name}
    address {postal_code, address, former_address} · contact {email, phone, customer_number}
    scope {services, period, items} · correction {wrong, right, why} · addition {missing, why}
    deletion {untrue, why} · ground {grounds, circumstances} · purpose_objection {circumstances}
    recipients {recipients} · complaint {category, details, about_case}
    range {range, from, to} · method {method, delivery}
    further {requests: [answers of a further kind, …]}
"""

from dsar.questions import further
from dsar.questions.base import Line, QuestionForm, law_text
from dsar.questions.desk import DeskForms, desk_forms
from dsar.questions.filings import Unfinished, case_summary, summary, to_filing, to_filings
from dsar.questions.matter import Matter, rules_at
from dsar.questions.papers import Papers, hides_numbers, papers_for
from dsar.questions.proof_paper import ProofPaperForm
from dsar.questions.steps import (
    BY_NAME,
    PARTS,
    STEPS,
    Step,
    answered,
    first_missing,
    missing_steps,
    next_step,
    step_before,
    steps_for,
)
from dsar.questions.terms import Fee, fees, period

__all__ = [
    "BY_NAME",
    "PARTS",
    "STEPS",
    "DeskForms",
    "Fee",
    "Line",
    "Matter",
    "Papers",
    "ProofPaperForm",
    "QuestionForm",
    "Step",
    "Unfinished",
    "answered",
    "case_summary",
    "desk_forms",
    "fees",
    "first_missing",
    "further",
    "hides_numbers",
    "law_text",
    "missing_steps",
    "next_step",
    "papers_for",
    "period",
    "rules_at",
    "step_before",
    "steps_for",
    "summary",
    "to_filing",
    "to_filings",
]
