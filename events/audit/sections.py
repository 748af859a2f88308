"""What apps above the log add to the page of an event: who was told of it. They register here; the log imports none."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from django.http import HttpRequest

from events.models import TaskEvent

Context = Callable[[TaskEvent, HttpRequest], dict[str, Any]]
AnyContext = TypeVar("AnyContext", bound=Context)


class Section(NamedTuple):
    template: str
    context: dict[str, Any]


_REGISTERED: list[tuple[str, Context]] = []


def section(template: str) -> Callable[[AnyContext], AnyContext]:
    """Decorate a function: the template gets what it returns as `section`."""

    def register(context: AnyContext) -> AnyContext:
        _REGISTERED.append((template, context))
        return context

    return register


def sections_of(event: TaskEvent, request: HttpRequest) -> list[Section]:
    return [Section(template, context(event, request)) for template, context in _REGISTERED]
