"""The companies that answer requests, their services and closing days."""

from __future__ import annotations

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _

FOUR_EYES = {
    "refusal": _("Refusing, wholly or in part, or stating that no data is held"),
    "erasure": _("Granting erasure or deletion"),
    "change": _("Granting what changes data or stops its use: correction, suspension, stop"),
    "sending": _("Sending the data and the letter"),
}
"""What a controller may want a second person to approve."""
FOUR_EYES_USUAL = ("refusal", "erasure", "sending")
"""What the setting FOUR_EYES stands for."""


class Bilingual(models.Model):
    """A row with a Japanese and an English name."""

    name_ja = models.CharField(_("name (Japanese)"), max_length=200)
    name_en = models.CharField(_("name (English)"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the language in use."""
        return self.name_in(get_language())

    def name_in(self, language: str | None) -> str:
        """The name in `language`, Japanese unless English is asked for."""
        return self.name_en if (language or "ja").startswith("en") else self.name_ja


class Window(models.TextChoices):
    """Which envelopes with a window letters fit in."""

    NAGA3 = "naga3", _("Japanese 長形3号")
    DL = "dl", _("DL, C5/6 (DIN 680)")


class Controller(Bilingual):
    """A business operator handling personal information (個人情報取扱事業者)."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    regimes = models.JSONField(
        _("rule sets"), default=list, help_text=_("In the order offered, e.g. appi, gdpr, ccpa.")
    )
    desk_email = models.EmailField(
        _("desk's e-mail"), help_text=_("Notices about unassigned cases go there.")
    )
    address_ja = models.CharField(_("postal address (Japanese)"), max_length=300, blank=True)
    address_en = models.CharField(_("postal address (English)"), max_length=300, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=20, blank=True)
    desk_name_ja = models.CharField(
        _("desk’s name (Japanese)"),
        max_length=200,
        blank=True,
        help_text=_("Stands under the company’s name on letters."),
    )
    desk_name_en = models.CharField(_("desk’s name (English)"), max_length=200, blank=True)
    phone = models.CharField(_("telephone"), max_length=30, blank=True)
    accredited_org_ja = models.CharField(
        _("accredited personal information protection organization (Japanese)"),
        max_length=200,
        blank=True,
        help_text=_("Only if the company belongs to one (APPI Art. 47). Letters name it."),
    )
    accredited_org_en = models.CharField(
        _("accredited personal information protection organization (English)"),
        max_length=200,
        blank=True,
    )
    accredited_org_contact = models.CharField(
        _("where to complain to that organization"),
        max_length=300,
        blank=True,
        help_text=_("Telephone number, address or web page."),
    )
    window = models.CharField(
        _("window of the envelopes"),
        max_length=8,
        choices=Window,
        default=Window.NAGA3,
        help_text=_("The addressee’s block of a letter is placed to show in it."),
    )
    second_check = models.BooleanField(
        _("second person checks each posting"),
        default=False,
        help_text=_("A letter counts as posted once another person has checked it."),
    )
    fee_yen = models.PositiveIntegerField(
        _("usual fee in yen"),
        default=0,
        help_text=_("Charged only for the kinds for which the law allows a fee; 0 is free."),
    )
    four_eyes = models.JSONField(_("approved by a second person"), null=True, blank=True)
    watermark = models.BooleanField(
        _("mark what is disclosed"),
        default=True,
        help_text=_("Case number and date, small, on each page and picture that the person gets."),
    )
    is_active = models.BooleanField(_("takes requests"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    calendar_version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("controller")
        verbose_name_plural = _("controllers")

    def approved_acts(self) -> tuple[str, ...]:
        """What a second person approves here: codes of `FOUR_EYES`; the setting's if not chosen."""
        if self.four_eyes is None:
            return FOUR_EYES_USUAL if settings.FOUR_EYES else ()
        return tuple(code for code in FOUR_EYES if code in self.four_eyes)

    def four_eyes_for(self, *codes: str) -> bool:
        """Whether a second person approves any of these."""
        return not set(codes).isdisjoint(self.approved_acts())

    def address_in(self, language: str | None) -> str:
        """The postal address in `language`."""
        if (language or "ja").startswith("en"):
            return self.address_en or self.address_ja
        return self.address_ja

    def desk_name_in(self, language: str | None) -> str:
        """The name of the desk that writes the letters; may be empty."""
        is_english = (language or "ja").startswith("en")
        return self.desk_name_en if is_english else self.desk_name_ja

    def accredited_org_in(self, language: str | None) -> str:
        """The accredited organization's name; empty if the company belongs to none."""
        if (language or "ja").startswith("en"):
            return self.accredited_org_en or self.accredited_org_ja
        return self.accredited_org_ja


class Service(Bilingual):
    """A service of a controller that a person can name when saying which data is meant."""

    controller = models.ForeignKey(
        Controller, on_delete=models.CASCADE, related_name="services", verbose_name=_("controller")
    )
    is_sensitive = models.BooleanField(
        _("holds sensitive data"),
        default=False,
        help_text=_("Requests about it need a stronger proof of identity."),
    )
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("service")
        verbose_name_plural = _("services")


class ClosingDay(Bilingual):
    """A day on which a controller is closed (or, against the calendar, open)."""

    controller = models.ForeignKey(
        Controller,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="closing_days",
        verbose_name=_("controller"),
        help_text=_("Empty: all controllers."),
    )
    day = models.DateField(_("day"))
    is_open = models.BooleanField(
        _("open after all"),
        default=False,
        help_text=_("The day counts as a business day although it is a holiday or weekend."),
    )

    class Meta:
        ordering = ["day"]
        verbose_name = _("closing day")
        verbose_name_plural = _("closing days")
        constraints = [
            models.UniqueConstraint(
                fields=["controller", "day"],
                condition=models.Q(controller__isnull=False),
                name="one_closing_day_a_controller",
            ),
            models.UniqueConstraint(
                fields=["day"],
                condition=models.Q(controller__isnull=True),
                name="one_closing_day_for_all",
            ),
        ]


DUTIES = {
    "ack": _("Acknowledgement"),
    "id_check": _("Identity check"),
    "decision": _("Decision and its notice"),
    "cure": _("Time for the person to complete the request"),
    "fee_payment": _("Time for the person to pay the fee"),
    "art39_marker": _("Two weeks before a lawsuit may be filed (APPI Art. 39)"),
}
"""What reminders can be about."""


class ReminderRule(models.Model):
    """How many days before (or after) a due date the desk is reminded; operators edit it."""

    deadline = models.CharField(
        _("deadline"), max_length=40, validators=[RegexValidator(r"^[a-z0-9_]+$")]
    )
    days_before = models.SmallIntegerField(
        _("days before"), help_text=_("Negative: days after the due date, as “overdue”.")
    )
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["deadline", "-days_before"]
        verbose_name = _("reminder rule")
        verbose_name_plural = _("reminder rules")
        constraints = [
            models.UniqueConstraint(fields=["deadline", "days_before"], name="one_reminder_rule")
        ]

    def __str__(self) -> str:
        return f"{self.duty()} – {self.when()}"

    def duty(self) -> str:
        """What is due, in the language in use."""
        return str(DUTIES.get(self.deadline, self.deadline))

    def when(self) -> str:
        """Before, on or after the day, in the language in use."""
        days = abs(self.days_before)
        if self.days_before == 0:
            return gettext("On the due date")
        if self.days_before > 0:
            return ngettext("%(days)d day before", "%(days)d days before", days) % {"days": days}
        return ngettext("%(days)d day after", "%(days)d days after", days) % {"days": days}
