"""Reads variables of the environment, each by its type. A value that cannot be meant stops the start with one sentence,
which never repeats a secret. An empty variable is as good as none; NAME_FILE names a file that holds the value."""

import builtins
import math
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured

YES = ("1", "true", "yes", "y", "on", "ok")
NO = ("0", "false", "no", "n", "off")
SHORTEST_SECRET = 32
FEWEST_CHARACTERS = 5  # different ones: 'aaaa...' is long and no secret


class Environment:
    def __init__(self, values: Mapping[builtins.str, builtins.str] = os.environ) -> None:
        self._values = values

    def str(
        self,
        name: builtins.str,
        default: builtins.str,
        choices: tuple[builtins.str, ...] = (),
    ) -> builtins.str:
        text = self._text(name).strip() or default
        if choices and text not in choices:
            refuse(name, f"write {', '.join(choices[:-1])} or {choices[-1]}")
        return text

    def bool(self, name: builtins.str, default: builtins.bool) -> builtins.bool:
        text = self._text(name).strip().lower()
        if text and text not in (*YES, *NO):
            refuse(name, "write 1 or 0")  # otherwise a slip of the hand, HTTPS=ture, would mean no
        return text in YES if text else default

    def int(
        self,
        name: builtins.str,
        default: builtins.int,
        least: builtins.int = 1,
        most: builtins.int = 1_000_000_000,
    ) -> builtins.int:
        text = self._text(name).strip()
        number = int(text) if re.fullmatch(r"[+-]?[0-9]{1,18}", text) else None
        if text and (number is None or not least <= number <= most):
            refuse(name, f"write a whole number from {least} to {most}")
        return default if number is None else number

    def float(
        self, name: builtins.str, default: builtins.float, least: builtins.float, most: builtins.float
    ) -> builtins.float:
        text = self._text(name).strip()
        try:
            number = float(text) if text else default
        except ValueError:
            number = math.nan
        if not least <= number <= most:  # neither is nan
            refuse(name, f"write a number from {least:g} to {most:g}")
        return number

    def list(
        self,
        name: builtins.str,
        default: builtins.list[builtins.str],
        each: Callable[[builtins.str], builtins.str] = builtins.str,
    ) -> builtins.list[builtins.str]:
        """Read values with commas. `each` gives a value as it is used, or raises ValueError with what to write."""
        parts = [part.strip() for part in self._text(name).split(",")]
        return [self._checked(name, each, part) for part in parts if part] or default

    def secret(self, name: builtins.str, default: builtins.str) -> builtins.str:
        """Read a secret. The default is there for development, and then any text will do."""
        text = self._text(name)
        return self._checked(name, secret, text) if text and not default else text or default

    def address(self, name: builtins.str, default: builtins.str, check: Callable[[builtins.str], Any]) -> Any:
        return self._checked(name, check, self._text(name).strip() or default)

    def _checked(self, name: builtins.str, check: Callable[[builtins.str], Any], value: builtins.str) -> Any:
        try:
            return check(value)
        except ValueError as error:
            refuse(name, str(error))

    def _text(self, name: builtins.str) -> builtins.str:
        text, file = self._values.get(name, ""), self._values.get(f"{name}_FILE", "")
        if text and file:
            raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
        if file:
            text = _content(name, Path(file))
        if not text.isprintable():
            refuse(name, "it holds a line break or another character that cannot be printed")
        return text


def _content(name: str, file: Path) -> str:
    try:
        # A file ends with a line break, which is no part of an address or a key.
        text = file.read_text("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        refuse(name, f"the file {file} is no UTF-8 text")
    except (OSError, ValueError) as error:
        refuse(name, f"the file {file} cannot be read ({getattr(error, 'strerror', None) or 'no such path'})")
    if not text.strip():
        refuse(name, f"the file {file} is empty")
    return text


def secret(text: str) -> str:
    if len(text) < SHORTEST_SECRET or len(set(text)) < FEWEST_CHARACTERS:
        raise ValueError(f"write a random text of at least {SHORTEST_SECRET} characters")
    return text


def refuse(name: str, why: str) -> NoReturn:
    # Not from the error that led here: its words may hold the value.
    raise ImproperlyConfigured(f"{name} cannot be read: {why}.") from None
