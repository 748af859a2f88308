"""What the document says of each operation is what each does: tried with what it allows and what it does not, with a
session and with a token. The same requests each time, and no network."""

import pytest
import schemathesis
from django.test.client import ClientHandler
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import ignored_auth

from tests.tasks.acme import new_task, signed_in
from tests.tokens.making import by, new_token

pytestmark = [pytest.mark.django_db, pytest.mark.second]

# Of one operation and one way to sign in; both what fits and what does not.
EXAMPLES = settings(
    max_examples=2,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# Whoever asks is the test's, and what a schema does not tell, such as who waits already, is refused with 409 or 422.
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"with-security-parameters": False},
        "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", 403, 404, 409, 422]}},
    }
)


@pytest.mark.parametrize("kind", ["session", "token"])
def test_every_operation_does_what_is_said_of_it(acme, kind):
    new_task(acme, actor=acme.bob)
    cookies, headers = (
        _by_session(acme.alice) if kind == "session" else ("", by(new_token(acme.alice))["headers"])
    )
    described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", product(cookies), config=CONFIG)
    operations = [found.ok() for found in described.get_all_operations()]
    as_it_is = headers | {"Accept-Encoding": "identity"}
    answers = {operation.label: _try(operation, as_it_is) for operation in operations}
    assert answers["GET /api/v1/me"] == {200}, "it is known who asks"


def _try(operation, headers):
    """Try one operation. Give the statuses that it answered with."""
    statuses = set()

    @EXAMPLES
    @given(case=operation.as_strategy())
    def once(case):
        statuses.add(case.call_and_validate(headers=headers, excluded_checks=[ignored_auth]).status_code)

    once()
    return statuses


def product(cookies):
    """The product as a WSGI application that leaves the test's connection to the database alone."""

    def answer(environ, start):
        response = ClientHandler(enforce_csrf_checks=True)(
            environ | {"HTTP_COOKIE": cookies, "HTTP_ACCEPT_ENCODING": ""}
        )
        start(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [response.content]

    return answer


def _by_session(user):
    client = signed_in(user)
    client.get("/inbox/")
    cookies = {name: morsel.value for name, morsel in client.cookies.items()}
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items())
    return sent, {"X-CSRFToken": cookies["csrftoken"]}
