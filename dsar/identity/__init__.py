"""Who is asking, and may they: what is required, what was shown, and the officer's verdict.

The level required comes from rules (kind, sensitivity, channel; `dsar/law/papers/`). An agent's
authority is checked apart from the agent's identity. Pictures of papers are seen only while they
are checked, each view is an event, and they are destroyed some days after the check.
"""

from dsar.identity.account import comparison, show_account, sign_in_of
from dsar.identity.acts import (
    Incomplete,
    ask,
    ask_in_words,
    confirm,
    judge_authority,
    judge_proof,
    record_proof,
    reject_identity,
    set_agent,
    set_sensitivity,
)
from dsar.identity.guide import GuideGroup, guide
from dsar.identity.guide import choices as guide_choices
from dsar.identity.guide import hints as guide_hints
from dsar.identity.guide import refused as never_send
from dsar.identity.pictures import Unreadable, page_count, picture
from dsar.identity.posting import enter_code, post_letter, record_delivery
from dsar.identity.posting import waiting as letters_under_way
from dsar.identity.rules import addressee, requester, rules_of, sensitivity_of
from dsar.identity.showing import (
    add_paper,
    check_upload,
    checklist_of,
    destroy_pictures,
    judge_paper,
    note_view,
    paper_faults,
)
from dsar.identity.standing import (
    Failure,
    Standing,
    failure,
    is_proven,
    is_wanted,
    papers_with,
    standing,
)
from dsar.models.identity import subjects

__all__ = [
    "Failure",
    "GuideGroup",
    "Incomplete",
    "Standing",
    "Unreadable",
    "add_paper",
    "addressee",
    "ask",
    "ask_in_words",
    "check_upload",
    "checklist_of",
    "comparison",
    "confirm",
    "destroy_pictures",
    "enter_code",
    "failure",
    "guide",
    "guide_choices",
    "guide_hints",
    "is_proven",
    "is_wanted",
    "judge_authority",
    "judge_paper",
    "judge_proof",
    "letters_under_way",
    "never_send",
    "note_view",
    "page_count",
    "paper_faults",
    "papers_with",
    "picture",
    "post_letter",
    "record_delivery",
    "record_proof",
    "reject_identity",
    "requester",
    "rules_of",
    "sensitivity_of",
    "set_agent",
    "set_sensitivity",
    "show_account",
    "sign_in_of",
    "standing",
    "subjects",
]
