"""How cases belong together."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from dsar.models.case import Case


class CaseLink(models.Model):
    """One case belongs to another of the same company; `case` is the one that came after.

    Filed together: every further request of one filing is linked to its first.
    """

    class Kind(models.TextChoices):
        """What the later case is to the earlier one."""

        FILED_TOGETHER = "filed_together", _("Filed together")
        REPEAT = "repeat", _("Asked again")
        DUPLICATE = "duplicate", _("Merged")
        COMPLAINT_ABOUT = "complaint_about", _("Complaint about the case")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="linked_from")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="case_links"
    )

    class Meta:
        ordering = ["id"]
        verbose_name = _("link between cases")
        verbose_name_plural = _("links between cases")
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "kind"], name="one_link_a_kind"),
            models.CheckConstraint(
                condition=~models.Q(case=models.F("other")), name="no_link_to_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.other_id}"
