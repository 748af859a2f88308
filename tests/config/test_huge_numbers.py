"""Numbers in an address that no database can hold are not found, never a failure of ours."""

import pytest

from tests.tasks.acme import new_task, signed_in

pytestmark = pytest.mark.django_db

HUGE = [2**31, 2**63, 10**30, "9" * 4_000, "9" * 5_000]


@pytest.mark.parametrize("number", HUGE, ids=["int4", "int8", "1e30", "4000 digits", "5000 digits"])
@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("get", "/inbox/{}/"),
        ("get", "/orgs/acme/tasks/{}/"),
        ("get", "/orgs/acme/tasks/{}/edit/"),
        ("post", "/orgs/acme/tasks/{}/archive/"),
        ("post", "/orgs/acme/tasks/{}/status/"),
    ],
)
def test_in_an_address_are_not_found(acme, number, method, address):
    new_task(acme, actor=acme.alice)
    client = signed_in(acme.bob)
    assert getattr(client, method)(address.format(number)).status_code == 404


@pytest.mark.parametrize("number", HUGE, ids=["int4", "int8", "1e30", "4000 digits", "5000 digits"])
@pytest.mark.parametrize("act", ["role", "remove"])
def test_of_members_are_no_members(acme, number, act):
    client = signed_in(acme.bob)
    response = client.post(f"/orgs/acme/members/{number}/{act}/", {"role": "viewer"}, follow=True)
    assert response.status_code == 404 or "no longer a member" in response.content.decode()


@pytest.mark.parametrize("number", [2**31, 2**63, 10**30, "9" * 5_000, "-1", "1.5", "x", "\x00", "١"])
@pytest.mark.parametrize(
    ("address", "field"),
    [("/orgs/acme/tasks/1/assign/", "assignee"), ("/orgs/acme/tasks/1/edit/", "expected_version")],
)
def test_in_a_form_are_refused(acme, number, address, field):
    new_task(acme, actor=acme.alice)
    body = {"title": "Other", "expected_version": "1", "assignee": "", "due_date": "", "description": ""}
    response = signed_in(acme.bob).post(address, body | {field: str(number)}, follow=True)
    assert response.status_code in {200, 400}


@pytest.mark.parametrize(
    "query", ["page=0", "page=-1", f"page={10**30}", "page=x", "page=%00", "page=" + "9" * 5_000]
)
def test_pages_are_clamped(acme, query):
    new_task(acme, actor=acme.alice)
    response = signed_in(acme.bob).get(f"/orgs/acme/tasks/?{query}")
    assert response.context["page"].number == 1
