"""`python -m bench.peers.notify RECIPIENTS`: what its `notify.send` costs for so many, as a line of JSON."""

import json
import sys

import django

from bench.spent import medians_of, spent_by

ROWS, TURNS = 10_000, 10  # at most


def main(recipients: int) -> None:
    django.setup()
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import transaction
    from notifications.signals import notify

    call_command("migrate", verbosity=0)
    actor, _ = User.objects.get_or_create(username="actor")
    missing = recipients - User.objects.filter(username__startswith=f"of{recipients}-").count()
    User.objects.bulk_create(User(username=f"of{recipients}-{number}") for number in range(missing))

    def tell() -> None:
        with transaction.atomic():
            told = User.objects.filter(username__startswith=f"of{recipients}-")
            notify.send(actor, recipient=told, verb="commented", description="The third bell is out of tune.")

    turns = max(1, min(TURNS, ROWS // recipients))
    print(json.dumps(medians_of([spent_by(tell) for _ in range(turns)])))


if __name__ == "__main__":
    main(int(sys.argv[1]))
