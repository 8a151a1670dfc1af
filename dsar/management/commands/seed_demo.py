"""`seed_demo`: a fictitious company with cases in every status, for looking around."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from django.utils import timezone

from dsar import reference
from dsar.demo import builder
from dsar.demo.company import PASSWORD, STAFF
from dsar.models import StaffMember


class Command(BaseCommand):
    """Makes what is missing of the demo; what is there is left as it is."""

    help = "Fill the portal with a fictitious company and its cases. Never in production."

    def add_arguments(self, parser: CommandParser) -> None:
        """Two options, both for special uses."""
        parser.add_argument(
            "--today",
            type=date.fromisoformat,
            metavar="YYYY-MM-DD",
            help="tell the cases as they would stand on the evening of that day",
        )
        parser.add_argument(
            "--print-logins", action="store_true", help="only print how to sign in to the demo"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Seed, or print. Raises CommandError in production."""
        if settings.PRODUCTION:
            raise CommandError("seed_demo is for demonstrations and refuses to run in production.")
        if options["print_logins"]:
            self._print_logins()
            return
        day = options["today"]
        made = builder.seed(builder.evening_of(day) if day else timezone.now())
        if made:
            self.stdout.write(f"demo cases made: {made}")
        else:
            self.stdout.write("the demo data is there already")

    def _print_logins(self) -> None:
        names = [login.username for login in STAFF]
        found = StaffMember.objects.filter(username__in=names)
        there = set(found.values_list("username", flat=True))
        if not there:
            raise CommandError("There is no demo data yet: run seed_demo first.")
        for login in STAFF:
            if login.username in there:
                self.stdout.write(f"{login.username:<10} {PASSWORD}   {login.does}")
        visitors = builder.visitors_case()
        if visitors is not None:
            case, code = visitors
            shown = reference.show_receipt_code(code)
            self.stdout.write(
                f"Status page ({reverse('requester:login')}): number {case.shown_number},"
                f" receipt code {shown}; its e-mail code is in the outgoing mail"
            )
