"""To a stranger, what is not theirs does not exist: foreign and unknown answer alike at every address."""

import re
import uuid

import pytest
from django.urls import reverse

import inbox.api_urls
import inbox.urls
import membership.urls
import tasks.urls
from events import log
from inbox.models import Notification, Watch
from inbox.org_inboxes import org_inboxes
from inbox.seen import last_shown
from inbox.states import State
from orgs.models import Membership, Organization
from tests.inbox.acts import mark_all_read
from tests.tasks.acme import comment, new_task, signed_in
from tests.tasks.invariants import counts

# What pages answer to whom is the same on either database.
pytestmark = [pytest.mark.django_db, pytest.mark.once]

# An organization's tasks are included below /orgs/<slug>/tasks/.
NAMESPACES = (membership.urls, tasks.urls, inbox.urls, inbox.api_urls)
ADDRESSES = [
    (f"{urls.app_name}:{pattern.name}", pattern) for urls in NAMESPACES for pattern in urls.urlpatterns
]
OF_AN_ORGANIZATION = [
    (name, sorted({*pattern.pattern.converters, "slug"}))
    for name, pattern in ADDRESSES
    if "slug" in pattern.pattern.converters or name.startswith("tasks:")
]

# Enough for every form to get past its own checks.
BODY = {
    "title": "x",
    "description": "",
    "text": "x",
    "status": "done",
    "assignee": "",
    "due_date": "",
    "expected_version": "1",
    "watching": "1",
    "role": "owner",
    "username": "gina",
    "level": "muted",
    "give": "heart",
    "revision": "2",
    "task_id": str(uuid.UUID(int=5)),
}


@pytest.fixture
def task(acme):
    task = new_task(acme, actor=acme.alice)
    comment(task, "Secret words", actor=acme.bob)
    return task


def everything():
    return (
        counts(),
        list(Membership.objects.order_by("pk").values()),
        list(Organization.objects.order_by("pk").values()),
        list(Notification.objects.order_by("recipient", "event").values()),
        Watch.objects.count(),
    )


def ask(client, method, url):
    """The address of a form leads to the page above it."""
    response = client.post(url, BODY) if method == "post" else client.get(url, follow=True)
    # A form's token is new each time.
    body = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())
    return response.status_code, re.sub(r'"request_id":"\w+"', "", body)


def address(name, parts, slug, values):
    values = values | {"import_id": uuid.UUID(int=6)}
    return reverse(name, kwargs={part: values.get(part, slug) for part in parts})


@pytest.mark.parametrize(("name", "parts"), OF_AN_ORGANIZATION)
def test_foreign_and_unknown_organizations_answer_alike(acme, globex, task, name, parts):
    values = {"number": task.number, "version": 2, "user_id": acme.carol.pk, "invitation_id": 7}
    acme.organization.former_short_names.create(slug="apex")
    before, statuses = everything(), []
    gina = signed_in(globex.gina)
    for method in ("get", "post"):
        foreign, former, unknown = (
            ask(gina, method, address(name, parts, slug, values)) for slug in ("acme", "apex", "nowhere")
        )
        assert foreign == former == unknown
        assert "Secret" not in foreign[1]
        assert "Acme" not in foreign[1]
        statuses.append(foreign[0])
    assert set(statuses) <= {404, 405}
    assert 404 in statuses
    assert everything() == before

    # The same question by a member is answered.
    bob, url = signed_in(acme.bob), address(name, parts, "acme", values)
    answers = {ask(bob, method, url)[0] for method in ("get", "post")}
    assert answers <= {200, 302, 400, 405, 409} | (
        {404} if "import_id" in parts else set()
    )  # nothing was imported
    assert answers != {405}


@pytest.mark.parametrize("name", [name for name, parts in OF_AN_ORGANIZATION if "number" in parts])
def test_a_task_of_another_organization_is_not_found_by_its_number(acme, globex, task, name):
    """Gina is a member of Globex, which has no task of that number."""
    before = everything()
    gina = signed_in(globex.gina)
    parts = dict(OF_AN_ORGANIZATION)[name]
    foreign = address(name, parts, "globex", {"number": task.number, "version": 2})
    unknown = address(name, parts, "globex", {"number": 999, "version": 2})
    for method in ("get", "post"):
        assert ask(gina, method, foreign) == ask(gina, method, unknown)
        assert ask(gina, method, foreign)[0] in {404, 405}
    assert everything() == before


def test_a_member_of_another_organization_is_not_found_by_their_id(acme, globex):
    before = everything()
    gina = signed_in(globex.gina)
    for name in ("orgs:member-role", "orgs:member-remove"):
        foreign, unknown = (
            gina.post(reverse(name, args=["globex", user_id]), {"role": "viewer"}, follow=True)
            for user_id in (acme.carol.pk, 999_999)
        )
        for response in (foreign, unknown):
            assert "no longer a member" in response.content.decode()
    assert everything() == before


class TestNotifications:
    def test_somebody_elses_answers_as_an_unknown_one(self, acme, globex, task):
        theirs = Notification.objects.filter(recipient=acme.carol).first().event_id
        before = everything()
        gina = signed_in(globex.gina)
        assert ask(gina, "get", f"/inbox/{theirs}/") == ask(gina, "get", "/inbox/999999/")
        assert gina.get(f"/inbox/{theirs}/").status_code == 404
        assert everything() == before

    def test_the_actor_has_none_of_their_own_deed(self, acme, task):
        own = Notification.objects.filter(event__actor=acme.bob).first().event_id
        assert signed_in(acme.bob).get(f"/inbox/{own}/").status_code == 404

    @pytest.mark.parametrize("act", ["read", "unread"])
    def test_marking_somebody_elses_changes_nothing(self, acme, globex, task, act):
        theirs = list(Notification.objects.values_list("event_id", flat=True))
        Notification.objects.filter(recipient=acme.carol).update(state=State.READ, read_at=task.created_at)
        before = everything()
        response = signed_in(globex.gina).post("/inbox/mark/", {"act": act, "event_ids": theirs})
        assert response.status_code == 302
        assert everything() == before

    def test_marking_all_reaches_ones_own_only(self, acme, globex, task):
        """Whatever is said to have been seen; a foreign organization and an unknown one answer alike."""
        before, gina = everything(), signed_in(globex.gina)
        event_id = log.load_stream(acme.pk, task.pk)[0].pk
        for said in ({"up_to": event_id}, {"up_to": 10**9}):
            assert gina.post("/inbox/mark/", said | {"act": "read-all"}).status_code == 409
        own = str(org_inboxes(globex.gina.pk)[0].cursor)
        for org_id in (acme.pk, 10**9):
            seen = f"{own},{org_id}.1.{'0' * 8}"
            assert gina.post("/inbox/mark/", {"act": "read-all", "seen": seen}).status_code == 302
        assert everything() == before

    def test_marking_all_of_a_foreign_or_unknown_organization_answers_alike(self, acme, globex, task):
        gina = signed_in(globex.gina)
        asked = [
            gina.post("/inbox/mark/", {"act": "read-all", "up_to": "9", "org": slug})
            for slug in ("acme", "nowhere")
        ]
        assert [response.status_code for response in asked] == [404, 404]

    def test_undoing_reaches_ones_own_only(self, acme, globex, task):
        cursor = org_inboxes(acme.carol.pk)[0].cursor
        _, mark = mark_all_read(acme.carol.pk, last_shown(str(cursor), org_inboxes(acme.carol.pk)))
        before = everything()
        signed_in(globex.gina).post("/inbox/mark/", {"act": "undo-all", "mark": mark})
        assert everything() == before
        signed_in(acme.carol).post("/inbox/mark/", {"act": "undo-all", "mark": mark})
        assert everything() != before

    def test_a_filter_by_a_foreign_organization_shows_nothing(self, acme, globex, task):
        page = signed_in(globex.gina).get("/inbox/?org=acme")
        assert page.context["groups"] == []


@pytest.mark.parametrize(("name", "parts"), OF_AN_ORGANIZATION)
def test_the_signed_out_are_asked_to_sign_in(client, acme, task, name, parts):
    """Without learning whether the organization exists."""
    values = {"number": task.number, "version": 2, "user_id": acme.carol.pk, "invitation_id": 7}
    before = everything()
    for slug in ("acme", "nowhere"):
        url = address(name, parts, slug, values)
        for response in (client.get(url, follow=True), client.post(url, BODY, follow=True)):
            if name.startswith("api:"):
                assert response.status_code in {401, 405}
            elif response.status_code != 405:
                assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=/orgs/")
    assert everything() == before


@pytest.mark.parametrize(("name", "parts"), OF_AN_ORGANIZATION)
def test_whoever_left_is_a_stranger(acme, globex, task, name, parts):
    values = {"number": task.number, "version": 2, "user_id": acme.carol.pk, "invitation_id": 7}
    bob = signed_in(acme.bob)
    acme.membership(acme.bob).delete()
    for method in ("get", "post"):
        answer = ask(bob, method, address(name, parts, "acme", values))
        assert answer[0] in {404, 405}
        assert answer == ask(bob, method, address(name, parts, "nowhere", values))


WRITES = [
    name
    for name, _ in OF_AN_ORGANIZATION
    if name.split(":")[1]
    in {
        "member-add",
        "member-role",
        "member-remove",
        "create",
        "edit",
        "comment",
        "comment_edit",
        "comment_delete",
        "comment_react",
        "status",
        "assign",
        "due",
        "archive",
        "restore",
    }
]


@pytest.mark.parametrize("name", WRITES)
def test_a_viewer_reads_and_changes_nothing(acme, task, name):
    parts = dict(OF_AN_ORGANIZATION)[name]
    values = {"number": task.number, "version": 2, "user_id": acme.carol.pk, "invitation_id": 7}
    before = everything()
    vera = signed_in(acme.vera)
    response = vera.post(address(name, parts, "acme", values), BODY)
    assert response.status_code in {302, 400, 403}
    assert everything() == before
    assert vera.get(f"/orgs/acme/tasks/{task.number}/").status_code == 200


def test_no_page_or_answer_carries_an_e_mail_address(acme, globex, task):
    bob = signed_in(acme.bob)
    urls = [
        "/orgs/",
        "/orgs/acme/tasks/",
        f"/orgs/acme/tasks/{task.number}/",
        "/inbox/",
        "/api/orgs/acme/notifications/",
        "/api/users/me/notifications/",
    ]
    for url in urls:
        assert "@example.com" not in bob.get(url).content.decode(), url
