"""Requests to 株式会社サンプル under the GDPR and the CCPA."""

from __future__ import annotations

from dsar.demo.plot import Plot
from dsar.demo.steps import (
    accept,
    approve,
    ask,
    assign,
    close,
    decide,
    extend,
    note,
    opened,
    says,
    start,
    take,
    withdraw,
    writes,
)
from dsar.models import Outcome, RequesterRole

_STORE = ["サンプルオンラインストア"]
_MEMBER = ["サンプル会員サービス"]

GDPR = (
    Plot(
        key="gdpr-access",
        age=20,
        kind="access",
        person="erika",
        regime="gdpr",
        language="en",
        answers={"scope": {"services": _STORE, "period": "since 2023", "items": "Everything"}},
        method=("electronic", "portal_download"),
        steps=(
            *opened(1, 2, "account"),
            writes(3, "Do you also want the records of calls to our support?"),
            says(4, "Yes, please, all of them."),
            note(6, "Support records requested from the department."),
        ),
    ),
    Plot(
        key="gdpr-doubt",
        age=8,
        kind="restriction",
        person="jean",
        regime="gdpr",
        language="en",
        answers={
            "scope": {"services": _MEMBER},
            "ground": {
                "grounds": ["r_accuracy"],
                "circumstances": "The debt noted on my account was paid in March.",
            },
        },
        steps=(
            take(1),
            accept(1),
            ask(
                2,
                "The address differs from the records",
                "Your e-mail address is not the one we know. Please write to us from that one, "
                "or send a paper that shows your name and address.",
                doubt="Sent from an address that is not on the account.",
            ),
        ),
    ),
    Plot(
        key="gdpr-new",
        age=1,
        kind="rectification",
        person="anna",
        regime="gdpr",
        language="en",
        answers={
            "scope": {"services": _MEMBER},
            "correction": {"wrong": "Anna Vorbeeld", "right": "Anna Voorbeeld", "why": ""},
        },
    ),
    Plot(
        key="gdpr-portability",
        age=27,
        kind="portability",
        person="erika",
        regime="gdpr",
        handler="officer2",
        language="en",
        answers={"scope": {"services": _MEMBER, "items": "My posts and pictures"}},
        method=("machine_readable", "portal_download"),
        steps=(
            *opened(1, 3, "account"),
            extend(12, "The pictures have to be separated from those of other people."),
            decide(
                22,
                Outcome.PARTIAL,
                "P3_rights_of_others",
                reason="Some pictures show other people who can be recognised.",
                withheld="Pictures that show other people",
            ),
        ),
    ),
    Plot(
        key="gdpr-erasure",
        age=50,
        kind="erasure",
        person="jean",
        regime="gdpr",
        language="en",
        answers={
            "scope": {"services": _STORE},
            "ground": {
                "grounds": ["e_not_needed"],
                "circumstances": "I closed my account last year.",
            },
        },
        steps=(
            *opened(1, 2, "registered_data"),
            decide(
                15,
                Outcome.PARTIAL,
                "E3_legal_duty",
                reason="Invoices have to be kept for ten years under tax law.",
                withheld="Invoices and the payments that belong to them",
                answer="Everything else was erased.",
            ),
            approve(16),
            close(17),
        ),
    ),
    Plot(
        key="gdpr-marketing",
        age=35,
        kind="objection",
        person="anna",
        regime="gdpr",
        language="en",
        answers={
            "scope": {"services": _MEMBER},
            "ground": {"grounds": ["o_marketing"]},
            "purpose_objection": {"circumstances": ""},
        },
        steps=(
            *opened(1, 1, "account"),
            decide(2, Outcome.GRANTED, answer="You will receive no more advertising from us."),
            close(3),
        ),
    ),
    Plot(
        key="gdpr-automated",
        age=13,
        kind="automated_decision",
        person="erika",
        regime="gdpr",
        language="en",
        answers={
            "scope": {"services": _STORE},
            "purpose_objection": {
                "circumstances": "Payment by invoice was refused at once, without a reason."
            },
        },
        steps=(*opened(1, 2, "account"),),
    ),
)

CCPA = (
    Plot(
        key="ccpa-know",
        age=30,
        kind="know_specific",
        person="jane",
        regime="ccpa",
        language="en",
        answers={
            "scope": {"services": _STORE, "items": "Order history and profiles made from it"},
            "range": {"range": "12_months", "from": "", "to": ""},
        },
        method=("electronic", "portal_download"),
        steps=(
            *opened(1, 4, "account"),
            note(20, "Data collected; to be reviewed for identifiers that may not be told."),
        ),
    ),
    Plot(
        key="ccpa-categories",
        age=26,
        kind="know_categories",
        person="john",
        regime="ccpa",
        language="en",
        answers={
            "scope": {"services": _MEMBER},
            "range": {"range": "all", "from": "", "to": ""},
        },
        method=("electronic", "encrypted_mail"),
        steps=(*opened(1, 3, "account"), withdraw(9)),
    ),
    Plot(
        key="ccpa-delete",
        age=70,
        kind="delete",
        person="john",
        regime="ccpa",
        language="en",
        role=RequesterRole.MANDATED_AGENT,
        agent="attorney",
        answers={"scope": {"services": _STORE, "items": "All of it"}},
        papers=("signed-permission.pdf",),
        steps=(
            *opened(1, 4, "registered_data", "mandate"),
            decide(
                20,
                Outcome.PARTIAL,
                "D1_transaction",
                reason="An order is still under warranty, and the repair depends on its record.",
                withheld="The record of the order under warranty",
            ),
            approve(21),
            close(22),
        ),
    ),
    Plot(
        key="ccpa-correct",
        age=3,
        kind="correct",
        person="jane",
        regime="ccpa",
        language="en",
        answers={
            "scope": {"services": _MEMBER},
            "correction": {
                "wrong": "Date of birth 20 February 1989",
                "right": "2 February 1989",
                "why": "See my passport.",
            },
        },
        papers=("passport.png",),
        steps=(assign(1),),
    ),
    Plot(
        key="ccpa-opt-out",
        age=28,
        kind="opt_out",
        person="jane",
        regime="ccpa",
        handler="officer2",
        language="en",
        answers={"scope": {"services": _MEMBER}},
        steps=(
            take(1),
            start(1),
            decide(3, Outcome.GRANTED, answer="Your information is no longer sold or shared."),
            close(4),
        ),
    ),
    Plot(
        key="ccpa-limit",
        age=12,
        kind="limit",
        person="john",
        regime="ccpa",
        handler="officer2",
        language="en",
        answers={"scope": {"services": _MEMBER, "items": "Health notes in my profile"}},
        steps=(
            take(1),
            start(1),
            decide(
                8,
                Outcome.NO_DATA,
                reason="The notes are used only to provide the service you asked for.",
            ),
            approve(9),
        ),
    ),
)
