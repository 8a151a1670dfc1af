"""Template tags for the components of the public pages: `{% load portal %}`.

Every state is told in words or by an icon with a name as well as by colour.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import template
from django.conf import settings
from django.forms import BaseForm
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext, override

from dsar.components import PortalBoundField

register = template.Library()

# Each is a colour family and the name of an icon.
KINDS = frozenset({"info", "success", "warning", "error", "progress", "neutral"})
_ICON_NAME = re.compile(r"[a-z]+(-[a-z]+)*")
# Django's message levels by the tag their storage gives them.
_MESSAGE_KINDS = {"debug": "info", "info": "info", "success": "success", "warning": "warning"}


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise template.TemplateSyntaxError(f"No such kind: {kind!r}. Choose from {sorted(KINDS)}.")
    return kind


def _part(row: Any, name: str, default: Any = "") -> Any:
    if isinstance(row, Mapping):
        return row.get(name, default)
    return getattr(row, name, default)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One of the drawings in `components/icons/`; decorative unless it has a label."""
    if not _ICON_NAME.fullmatch(name):
        raise template.TemplateSyntaxError(f"Not an icon's name: {name!r}")
    context = {"name": name, "label": label, "drawing": f"components/icons/{name}.html"}
    return render_to_string("components/icon.html", context)


# --- Forms --------------------------------------------------------------------------------


def _problems(form: BaseForm) -> Iterable[dict[str, str]]:
    for name, errors in form.errors.items():
        if name == "__all__":
            yield from ({"text": str(error), "target": ""} for error in errors)
            continue
        bound = form[name]
        label = str(bound.label)
        for error in errors.as_data():
            text = str(next(iter(error)))
            target = bound.id_for_label
            if isinstance(bound, PortalBoundField):
                target = bound.focus_id(error)
            if bound.is_hidden or not label:
                yield {"text": text, "target": ""}
            elif label in text:
                yield {"text": text, "target": target}
            else:
                joined = gettext("%(label)s: %(error)s") % {
                    "label": label.rstrip("?？"),
                    "error": text,
                }
                yield {"text": joined, "target": target}


def _forms(given: Iterable[Any]) -> Iterable[BaseForm]:
    for form in given:
        if form is None or form == "":
            continue
        if isinstance(form, BaseForm):
            yield form
        else:  # a formset or a list of forms
            yield from _forms(form)


@register.inclusion_tag("components/error_summary.html")
def error_summary(*forms: Any) -> dict[str, Any]:
    """The box that names every error of the given forms (or formsets) and links to it."""
    problems = [problem for form in _forms(forms) for problem in _problems(form)]
    for formset in forms:
        if hasattr(formset, "non_form_errors"):
            problems += [{"text": str(e), "target": ""} for e in formset.non_form_errors()]
    return {"problems": problems}


@register.simple_tag(takes_context=True)
def error_prefix(context: Context) -> str:
    """ "Error: " for the page title when `form`, or one of `forms`, has errors."""
    given = [context.get("form"), *(context.get("forms") or [])]
    return gettext("Error: ") if any(form.errors for form in _forms(given)) else ""


@register.simple_tag
def field(bound: Any, heading: bool = False) -> SafeString:
    """One field; with `heading` its label or legend is the page's h1."""
    context = {**bound.get_context(), "heading": heading}
    return SafeString(bound.renderer.render(bound.template_name, context))


@register.inclusion_tag("components/button_row.html")
def button_row(
    submit: str = "",
    back_url: str = "",
    back_name: str = "",
    cancel_url: str = "",
    cancel: str = "",
    kind: str = "primary",
    name: str = "",
    value: str = "",
) -> dict[str, Any]:
    """The buttons that end a form: submit (`kind` primary or danger), back, and cancel.

    With `back_name`, going back sends the form too, under that name with the value `back`.
    """
    return {
        "submit": submit,
        "back_url": back_url,
        "back_name": back_name,
        "cancel_url": cancel_url,
        "cancel": cancel,
        "kind": kind,
        "name": name,
        "value": value,
    }


# --- Finding one's way --------------------------------------------------------------------


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, url: str, label: str, exact: bool = False) -> dict[str, Any]:
    """One entry of the main navigation; marked when the page lies beneath it."""
    path = getattr(context.get("request"), "path", "")
    here = path == url if exact else bool(url) and path.startswith(url)
    return {"url": url, "label": label, "here": here, "exact": path == url}


@register.inclusion_tag("components/back_link.html")
def back_link(url: str, label: str = "") -> dict[str, str]:
    """A link to the page before, above the heading."""
    return {"url": url, "label": label}


@register.inclusion_tag("components/steps.html")
def steps(names: Sequence[Any], current: int, label: str = "") -> dict[str, Any]:
    """Where one is among the steps; `current` counts from 1.

    A name is a text, or has `label` and `url`; steps already passed are links when they have one.
    The argument `label` tells two progress bars of one page apart.
    """
    total = len(names)
    rows = []
    for number, step in enumerate(names, start=1):
        plain = isinstance(step, str) or not (isinstance(step, Mapping) or hasattr(step, "label"))
        state = "done" if number < current else "current" if number == current else "ahead"
        rows.append(
            {
                "number": number,
                "label": step if plain else _part(step, "label"),
                "url": "" if plain or state != "done" else _part(step, "url"),
                "state": state,
            }
        )
    here = rows[current - 1]["label"] if 1 <= current <= total else ""
    return {
        "steps": rows,
        "current": current,
        "total": total,
        "current_label": here,
        "label": label,
    }


@register.simple_tag
def bilingual(template_name: str, **values: Any) -> SafeString:
    """A template in the reader's language, then in the portal's others, each marked as such."""
    first = (get_language() or settings.LANGUAGE_CODE)[:2]
    codes = [first, *(code for code, _label in settings.LANGUAGES if code[:2] != first)]
    parts = []
    for number, code in enumerate(codes):
        with override(code):
            context = {**values, "language": code, "is_first": number == 0}
            parts.append(render_to_string(template_name, context))
    return SafeString("".join(parts))


# --- Showing ------------------------------------------------------------------------------


@register.inclusion_tag("components/summary_list.html")
def summary_list(rows: Iterable[Any], caption: str = "") -> dict[str, Any]:
    """Questions and answers, each with a link to change it (`SummaryRow` or alike)."""
    shown = []
    for row in rows:
        value = _part(row, "value")
        several = isinstance(value, list | tuple)
        shown.append(
            {
                "label": _part(row, "label"),
                "values": [item for item in value if item] if several else [],
                "value": "" if several else value,
                "change_url": _part(row, "change_url"),
            }
        )
    return {"rows": shown, "caption": caption, "any_change": any(r["change_url"] for r in shown)}


@register.inclusion_tag("components/status_tag.html")
def status_tag(kind: str, text: str) -> dict[str, str]:
    """A state in a word, an icon and a colour. Kinds: see `KINDS`."""
    return {"kind": _known(kind), "text": text}


@register.simple_block_tag
def notification(content: str, kind: str, title: str, level: int = 2, live: bool = False) -> Any:
    """A banner around its content. `live` announces it; use it for what has just happened."""
    return render_to_string(
        "components/notification_banner.html",
        {
            "kind": _known(kind),
            "title": title,
            "tag": f"h{int(level)}",
            "live": live,
            "content": content,
        },
    )


@register.filter
def banner_kind(message: Any) -> str:
    """The kind of banner for one of Django's messages."""
    return _MESSAGE_KINDS.get(message.level_tag, "error")


@register.inclusion_tag("components/timeline.html")
def timeline(entries: Iterable[Any]) -> dict[str, Any]:
    """What happened, in the order given (`TimelineEntry` or alike)."""
    return {
        "entries": [
            {
                "title": _part(entry, "title"),
                "at": _part(entry, "at", None),
                "text": _part(entry, "text"),
                "kind": _part(entry, "kind") or "done",
                "upcoming": bool(_part(entry, "upcoming", False)),
                "has_time": hasattr(_part(entry, "at", None), "hour"),
            }
            for entry in entries
        ]
    }


@register.inclusion_tag("components/file_list.html")
def file_list(files: Iterable[Any], empty: str = "") -> dict[str, Any]:
    """Files with size and state (`FileRow` or alike); `empty` is said when there are none."""
    names = ("name", "size", "url", "note", "status_kind", "status", "remove_url")
    return {"files": [{n: _part(file, n) for n in names} for file in files], "empty": empty}


@register.simple_block_tag
def disclosure(content: str, title: str, is_open: bool = False) -> Any:
    """Text that opens on demand."""
    context = {"title": title, "content": content, "is_open": is_open}
    return render_to_string("components/disclosure.html", context)


@register.simple_block_tag
def table(content: str, caption: str, id: str = "", hide_caption: bool = False) -> Any:
    """A table (write thead and tbody inside) that scrolls by itself on narrow screens."""
    identity = id or f"table-{zlib.crc32(str(caption).encode())}"
    context = {
        "caption": caption,
        "content": content,
        "id": identity,
        "hide_caption": hide_caption,
    }
    return render_to_string("components/table.html", context)


@register.inclusion_tag("components/code_block.html")
def code_block(code: str, label: str, id: str = "receipt-code") -> dict[str, str]:
    """A code to write down, large and in its groups, with a button to copy it."""
    return {"code": code, "label": label, "id": id}


@register.inclusion_tag("components/print_button.html")
def print_button(label: str = "") -> dict[str, str]:
    """A button that prints the page; it shows only where scripts run."""
    return {"label": label}


@register.inclusion_tag("components/session_notice.html")
def session_notice(seconds: int, warn_before: int = 300) -> dict[str, int]:
    """How long the page waits for its reader, and a warning shortly before (`seconds` each)."""
    return {"seconds": seconds, "minutes": seconds // 60, "warn_before": warn_before}
