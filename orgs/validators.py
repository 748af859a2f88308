"""What `orgs.names` and `base.plain_text` refuse, as Django's models and forms ask for it."""

from django.core.exceptions import ValidationError

from orgs import names


def validate_user_name(name: str) -> None:
    _refuse(names.fault_of_user_name(name))


def validate_name(name: str) -> None:
    _refuse(names.fault_of_name(name))


def validate_short_name(slug: str) -> None:
    _refuse(names.fault_of_short_name(slug))


def _refuse(fault: str | None) -> None:
    if fault:
        raise ValidationError(fault, code="invalid")
