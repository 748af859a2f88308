"""Puts the naive announcement in the place of the product's, and lets writers wait in the database."""

from django.apps import AppConfig


class NaiveConfig(AppConfig):
    name = "bench.naive"

    def ready(self) -> None:
        from base import transactions
        from bench.naive.announce import announce
        from bench.naive.turns import EverybodyAtOnce
        from inbox import commands

        commands.announce = announce
        transactions._turns = EverybodyAtOnce()
