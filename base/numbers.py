"""Whole numbers that somebody sent. Pure."""


def whole_number(text: str | None) -> int | None:
    """Read plain digits, at most 18: any database holds such a number. None for everything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= 18 else None
