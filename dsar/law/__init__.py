"""The statutes as data: one TOML file a version, and the code that reads them. No Django here.

``load()`` reads the files that come with the portal, then those of the operator's own folders.
Lines marked ``[K]`` in the files rest on common knowledge, not on a source that was seen: have
counsel look at them, and put another file in an operator's folder where they should read otherwise.
"""

from .book import BUNDLED, LawBook, LawError, load
from .parts import Code, Roll, Text, Unit
from .periods import Closure, DeadlineRule, Extension, ExtensionPeriod, Incomplete, Variant
from .schema import (
    ComplaintCategory,
    Delivery,
    ExternalBody,
    Fee,
    Ground,
    Kind,
    Method,
    Question,
    Reason,
    Refusal,
    Repeats,
    Retention,
    RuleSet,
    Threshold,
    Want,
)

__all__ = [
    "BUNDLED",
    "Closure",
    "Code",
    "ComplaintCategory",
    "DeadlineRule",
    "Delivery",
    "Extension",
    "ExtensionPeriod",
    "ExternalBody",
    "Fee",
    "Ground",
    "Incomplete",
    "Kind",
    "LawBook",
    "LawError",
    "Method",
    "Question",
    "Reason",
    "Refusal",
    "Repeats",
    "Retention",
    "Roll",
    "RuleSet",
    "Text",
    "Threshold",
    "Unit",
    "Variant",
    "Want",
    "load",
]
