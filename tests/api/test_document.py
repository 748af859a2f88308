"""What the document says of each operation is what each does: tried with what it allows and what it does not, with a
session and with a token. The same requests each time, and no network."""

import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, settings

from tests.tasks.acme import new_task, signed_in
from tests.tokens.making import by, new_token

pytestmark = [pytest.mark.django_db, pytest.mark.second]

# Of one operation and one way to sign in; both what fits and what does not.
EXAMPLES = settings(
    max_examples=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize("kind", ["session", "token"])
def test_every_operation_does_what_is_said_of_it(acme, kind):
    new_task(acme, actor=acme.bob)
    headers = _by_session(acme.alice) if kind == "session" else by(new_token(acme.alice))["headers"]
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", product)
    tried = []
    for found in described.get_all_operations():
        operation = found.ok()

        @EXAMPLES
        @given(case=operation.as_strategy())
        def try_it(case):
            case.call_and_validate(headers=headers)

        try_it()
        tried.append(operation.label)
    assert "GET /api/v1/me" in tried


def product(environ, start):
    """The product as a WSGI application that leaves the test's connection to the database alone."""
    response = ClientHandler(enforce_csrf_checks=True)(environ)
    start(f"{response.status_code} {response.reason_phrase}", list(response.items()))
    return [response.content]


def _by_session(user):
    client = signed_in(user)
    client.get("/inbox/")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    return {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }
