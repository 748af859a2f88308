"""Whole numbers that somebody sent."""


def whole_number(text: str | None) -> int | None:
    """None unless it is plain digits, and no more than a database takes."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None
