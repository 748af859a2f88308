"""What ASGI applications are made of, in types."""

from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Message = dict[str, Any]
Channel = Callable[..., Awaitable[Any]]  # one way: receiving gives a message, sending takes one
Application = Callable[[Scope, Channel, Channel], Awaitable[None]]
