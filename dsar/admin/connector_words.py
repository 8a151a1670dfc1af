"""How the desk speaks of connectors: what failed and what helps, which step, which attribute."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dsar.models import ConnectorRun

ERRORS: dict[str, str | Promise] = {
    "unreachable": gettext_lazy("The system could not be reached."),
    "unavailable": gettext_lazy("The system is busy or out of order."),
    "timeout": gettext_lazy("The system did not answer in time."),
    "settings": gettext_lazy("The connector’s settings are not complete."),
    "secret": gettext_lazy("A secret that the settings name is not set in the environment."),
    "no_values": gettext_lazy("The case knows none of the data that this system is searched by."),
    "no_change": gettext_lazy("No change is declared for this kind of request."),
    "statement": gettext_lazy("The system refused the query or the call."),
    "too_many_rows": gettext_lazy("More rows were found than the limit allows."),
    "too_large": gettext_lazy("The answer is larger than the limit allows."),
    "paged": gettext_lazy("The answer comes in several pages; only the first would be read."),
    "not_a_table": gettext_lazy("The answer is not a list of JSON objects."),
    "redirect": gettext_lazy("The system leads to another host, which is not followed."),
    "forbidden_address": gettext_lazy(
        "The address is private, and the operator has not allowed it."
    ),
    "forbidden_file": gettext_lazy("A file outside the folder was asked for."),
    "read_only": gettext_lazy("Files are only read. Have the change made by the data owner."),
    "more_than_approved": gettext_lazy("The change would touch more rows than were approved."),
    "settings_changed": gettext_lazy("The settings were changed since the dry run."),
    "unproven": gettext_lazy(
        "The verification finds nothing although rows would be changed: it could prove nothing."
    ),
    "left_over": gettext_lazy("The verification still finds rows after the change."),
    "gave_up": gettext_lazy("The step was cut off several times."),
    "internal": gettext_lazy("Something unexpected went wrong in the portal."),
}
ATTRIBUTES: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "kana": gettext_lazy("Reading of the name"),
    "email": gettext_lazy("E-mail"),
    "phone": gettext_lazy("Telephone"),
    "customer_number": gettext_lazy("Customer number"),
    "birth_date": gettext_lazy("Date of birth"),
    "postal_code": gettext_lazy("Postal code"),
    "address": gettext_lazy("Address"),
    "former_name": gettext_lazy("Former name"),
}


def error(code: str) -> str:
    """What went wrong, in the language in use."""
    return str(ERRORS.get(code, code))


def result(run: ConnectorRun) -> str:
    """What a finished step came to."""
    if run.state != ConnectorRun.State.DONE:
        return ""
    count = run.rows or 0
    if run.step == ConnectorRun.Step.SEARCH:
        return _("Rows found: %(count)d") % {"count": count}
    if run.step == ConnectorRun.Step.DRY_RUN:
        return _("Rows that would be changed: %(count)d") % {"count": count}
    if run.step == ConnectorRun.Step.CARRY_OUT:
        return _("Rows changed: %(count)d") % {"count": count}
    return _("Nothing is left")
