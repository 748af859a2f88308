"""Refusals of one field, which they name: programs are told beside what they sent what is wrong with it. Pure."""

from base.errors import Fault, Invalid


def of_field(field: str, message: str) -> Invalid:
    error = Invalid(message)
    error.faults = (Fault(f"body.{field}", message),)
    return error
