from django.core.management.base import BaseCommand
class Command(BaseCommand):
    def add_arguments(self, parser): parser.add_argument("--print-logins", action="store_true")
    def handle(self, **o):
        self.stdout.write("officer / 窓口担当 / pw" if o["print_logins"] else "seeded")
