import pytest

from tests.events.audited import staff
from tests.tasks.acme import signed_in


@pytest.fixture
def auditor(db):
    return signed_in(staff("audrey", "view_taskevent"))
