"""What all resources of `/api/v1` share: who asks, what they may, and how answers and refusals leave.

To add a resource: write `api/things.py` with structs for what comes (`api.parsing.Strict`) and goes
(`msgspec.Struct, kw_only=True`), a `Resource` for each address with its `scope`, one method per HTTP method that calls
a service and returns a struct, and `routes = [path("things", Things.as_view(), name="things")]`; then name the module
in `api/urls.py`. The docstring of a method is its text in the document, `@operation("listThings")` gives its name.
Domain errors are raised as everywhere. `self.created(...)`, `self.version(...)` and `self.link_next(...)` add headers.
"""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from dmr import Controller, modify
from dmr.endpoint import Endpoint
from dmr.exceptions import RequestSerializationError, ValidationError
from dmr.negotiation import ResponseNegotiator
from dmr.renderers import Renderer

from api import once
from api.parsing import Json, StrictJson, check_query, check_type, check_untaken, fault_of
from base.answers import takes_json
from base.errors import Invalid, NotAcceptable, SignedOut, Unprocessable, Unreadable
from base.problems import Problem
from orgs.pages import MemberRequest
from tokens import scopes
from tokens.bearers import SignedBy

SAFE = ("GET", "HEAD", "OPTIONS")
T = TypeVar("T", bound=Callable[..., Any])


class ApiRequest(MemberRequest):
    """A request of somebody known: signed in, or with a token."""

    token: SignedBy | None


def operation(
    name: str, status: HTTPStatus | None = None, also: Sequence[HTTPStatus] = ()
) -> Callable[[T], T]:
    """Name a method in the document, in camel case, and say which status it answers with (else 201 for POST, 200), and
    which others with the same."""
    given: dict[str, Any] = {"operation_id": name} | ({"status_code": status} if status else {})
    given |= {"x_extensions": {"x-also": [str(each.value) for each in also]}} if also else {}
    named: Callable[[T], T] = modify(**given)
    return named


class OnlyJson(ResponseNegotiator):
    """Answers JSON to a browser too, whose Accept asks for pages."""

    def __call__(self, request: HttpRequest) -> Renderer:
        """Give the only renderer there is; what does not fit is refused before."""
        renderer = self._default
        request.__dmr_renderer__ = renderer  # type: ignore[attr-defined]
        return renderer


class JsonEndpoint(Endpoint):
    response_negotiator_cls = OnlyJson


class Resource(Controller[Json]):
    """An address of the API. `scope` is what a token needs to read there, `scope_to_change` to change something: the
    same unless it is named."""

    is_abstract: ClassVar[bool] = True
    csrf_exempt: ClassVar[bool] = False  # sessions bring Django's token; who sends a bearer token needs none
    endpoint_cls: ClassVar[type[Endpoint]] = JsonEndpoint
    error_model: ClassVar[Any] = Problem
    parsers: ClassVar[Any] = [StrictJson()]
    semantic_responses: ClassVar[Any] = False
    scope: ClassVar[str]
    scope_to_change: ClassVar[str] = ""
    takes_key: ClassVar[bool] = True  # an Idempotency-Key; False for what asks another server (`api.once`)
    shown_once: ClassVar[Sequence[str]] = ()  # methods whose answer has a secret, which is kept nowhere
    versioned: ClassVar[bool] = False  # whether it has an ETag, and changes take If-Match
    also_refused: ClassVar[Sequence[int]] = ()  # statuses of its own, beside those that all have
    request: ApiRequest
    status: int | None = None
    headers: dict[str, str]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Begin without anything said of the answer."""
        super().setup(request, *args, **kwargs)
        self.headers = {}

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, once it is known that this person may ask this at all."""
        if request.method == "OPTIONS":
            return HttpResponse(status=204, headers={"Allow": self.allowed()})
        endpoint = self.api_endpoints.get("GET" if request.method == "HEAD" else request.method or "")
        if endpoint is None:
            return HttpResponseNotAllowed(self.allowed().split(", "))
        self._check(request, endpoint)
        key = once.key_of(self.request) if request.method not in SAFE else None
        if key is not None:
            if not self.takes_key:
                raise Unreadable(f"This address takes no {once.HEADER}: send it without.")
            is_secret = request.method in self.shown_once
            return once.carry_out(self.request, key, lambda: self._answer(endpoint), is_secret=is_secret)
        return self._answer(endpoint)

    def _answer(self, endpoint: Endpoint) -> HttpResponseBase:
        response = endpoint.func(self, *self.args, **self.kwargs)
        if self.status and response.status_code < 300:
            response.status_code = self.status
        for name, value in self.headers.items():
            response[name] = value
        return response

    @classmethod
    def allowed(cls) -> str:
        """Name the methods that are answered here, for the header Allow."""
        also = ["HEAD"] if "GET" in cls.api_endpoints else []
        return ", ".join(sorted([*cls.api_endpoints, *also, "OPTIONS"]))

    @classmethod
    def scope_for(cls, method: str | None) -> str:
        return cls.scope if method in SAFE else cls.scope_to_change or cls.scope

    def _check(self, request: HttpRequest, endpoint: Endpoint) -> None:
        if not request.user.is_authenticated:
            raise SignedOut
        scopes.require(request, self.scope_for(request.method))
        if not takes_json(request):
            raise NotAcceptable("Answers here are JSON: send Accept: application/json, or none.")
        check_type(request)
        check_query(request)
        check_untaken(request, {each.parser.context_name for each in endpoint.metadata.component_parsers})

    def handle_error(self, endpoint: Endpoint, controller: Controller[Any], exc: Exception) -> HttpResponse:
        """Turn what dmr says into domain errors, which one place answers (config/errors.py)."""
        match exc:
            case ValidationError():
                fault = fault_of(exc.payload[0]["msg"])
                is_of_body = fault.at.partition(".")[0].partition("[")[0] == "body"
                kind = Unprocessable if is_of_body else Unreadable
                raise kind(f"{fault.at}: {fault.detail}", [fault])
            case RequestSerializationError():
                if not self.request.body:
                    raise Unreadable("There is no body: send JSON, with Content-Type: application/json.")
                raise Unreadable(f"The body cannot be read as JSON: {exc}.")
            case Invalid() if not isinstance(exc, Unreadable) and self.request.method not in SAFE:
                raise Unprocessable(exc.message, exc.faults)
        raise exc

    # What a method may add to its answer.

    def created(self, location: str) -> None:
        """Say where the new thing is."""
        self.status, self.headers["Location"] = 201, location

    def accepted(self, location: str) -> None:
        """Say that it is not done yet, and where it stands."""
        self.status, self.headers["Location"] = 202, location

    def unchanged(self) -> None:
        """Say that nothing came of it."""
        self.status = 200

    def version(self, number: int) -> None:
        """Say at which version the thing is, for If-Match."""
        self.headers["ETag"] = f'"{number}"'

    def link_next(self, **position: str | int) -> str:
        """Give the address of the next page, this one from another position on, and say it in Link too."""
        query = self.request.GET.copy()
        for name, value in position.items():
            query[name] = str(value)
        address = f"{self.request.path}?{query.urlencode()}"
        self.headers["Link"] = f'<{address}>; rel="next"'
        return address


def if_match(request: HttpRequest) -> int | None:
    """Read which version the client knows: None without If-Match, or with `*`. Raises Unreadable."""
    text = request.headers.get("If-Match", "*").strip()
    if text == "*":
        return None
    number = text.removeprefix("W/")  # as a proxy that compresses makes it
    inner = number[1:-1]
    if (
        len(number) > 2
        and number[0] == number[-1] == '"'
        and inner.isascii()
        and inner.isdigit()
        and len(inner) < 19
    ):
        return int(inner)
    raise Unreadable('If-Match has to be one version, as ETag says it: If-Match: "7".')
