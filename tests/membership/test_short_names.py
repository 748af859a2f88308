"""Short names: what they may be, wherever they are given, and where former ones lead."""

from contextlib import ExitStack

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from base.announcements import org_group_name
from base.errors import Invalid
from events.audit.filters import search
from events.models import TaskEvent
from membership.services import create_organization, rename_organization
from orgs.models import FormerShortName, Organization
from tests.factories import OrganizationFactory, UserFactory
from tests.tasks.acme import new_task, signed_in
from tests.tasks.threads import meanwhile
from tests.waiting import LIMIT, wait_until

pytestmark = pytest.mark.django_db


def rename(team, slug, name="Acme"):
    return rename_organization(team.pk, name=name, slug=slug, by=team.alice)


@pytest.fixture
def apex(acme):
    """Acme with a task, which is called apex now."""
    new_task(acme, actor=acme.alice)
    rename(acme, "apex")
    acme.organization.refresh_from_db()
    return acme


@pytest.fixture
def chief():
    return signed_in(UserFactory(username="chief", is_staff=True, is_superuser=True))


def somebody_waits_for_us():
    """Asks no view of activity: within a transaction those stay as they were first read."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
        )
        return cursor.fetchone()[0]


INLINE = {f"memberships-{field}_FORMS": "0" for field in ("TOTAL", "INITIAL")}


class TestRules:
    @pytest.mark.parametrize("slug", ["ACME", "Acme", "new"])
    def test_stand_in_the_database(self, slug):
        with pytest.raises(IntegrityError), transaction.atomic():
            Organization.objects.create(name="Acme", slug=slug)

    @pytest.mark.parametrize("slug", ["ACME", "new", "a b", "ä", "", "x" * 41, "a\x00"])
    def test_hold_for_services_and_models(self, slug):
        with pytest.raises(Invalid):
            create_organization(name="Initech", slug=slug, owner=UserFactory())
        with pytest.raises(ValidationError):
            Organization(name="Initech", slug=slug).full_clean()
        assert not Organization.objects.exists()

    @pytest.mark.parametrize("name", ["", " ", "\u200b", "\u3164", "Acme\u202e", "a\nb", "x" * 101])
    def test_a_name_can_be_read(self, acme, name):
        with pytest.raises(Invalid):
            create_organization(name=name, slug="initech", owner=acme.bob)
        with pytest.raises(Invalid):
            rename(acme, "acme", name=name)
        page = signed_in(acme.bob).post("/orgs/new/", {"name": name, "slug": "initech"})
        assert page.context["form"].errors

    @pytest.mark.parametrize("address", ["add/", "{}/change/"])
    def test_hold_in_the_administration(self, acme, globex, chief, address):
        url = f"/admin/orgs/organization/{address.format(acme.pk)}"
        for slug, said in [
            ("new", "reserved"),
            ("globex", "taken"),
            ("a b", "letters, numbers"),
            ("GLOBEX", "taken"),
        ]:
            page = chief.post(url, {"name": "Acme", "slug": slug} | INLINE)
            assert said in page.context["adminform"].form.errors["slug"][0]
        assert chief.post(url, {"name": "Initech", "slug": "INITECH"} | INLINE).status_code == 302
        assert Organization.objects.get(slug="initech").name == "Initech"


class TestRenaming:
    def test_keeps_the_former_one(self, acme, chief):
        chief.post(f"/admin/orgs/organization/{acme.pk}/change/", {"name": "Apex", "slug": "apex"} | INLINE)
        acme.organization.refresh_from_db()
        assert (acme.organization.name, acme.slug) == ("Apex", "apex")
        assert FormerShortName.objects.values_list("slug", "organization_id").get() == ("acme", acme.pk)

    def test_a_former_one_is_nobody_elses(self, apex, globex, chief):
        for take in (
            lambda: rename(globex, "acme"),
            lambda: create_organization(name="Other", slug="acme", owner=globex.gina),
        ):
            with pytest.raises(Invalid, match="taken"):
                take()
        for url in (f"/admin/orgs/organization/{globex.pk}/change/", "/admin/orgs/organization/add/"):
            page = chief.post(url, {"name": "Other", "slug": "acme"} | INLINE)
            assert "taken" in page.context["adminform"].form.errors["slug"][0]
        page = signed_in(globex.gina).post("/orgs/new/", {"name": "Other", "slug": "ACME"})
        assert "taken" in page.context["form"].errors["slug"][0]
        assert set(Organization.objects.values_list("slug", flat=True)) == {"apex", "globex"}

    @pytest.mark.services
    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("take", ["another", "new"])
    def test_whoever_takes_a_name_while_it_is_given_up_comes_too_late(self, acme, globex, take):
        """The taker waits for the row, and looks for former names only then."""

        def work():
            if take == "another":
                rename(globex, "acme")
            else:
                create_organization(name="Other", slug="acme", owner=globex.gina)

        with ExitStack() as later:
            with transaction.atomic():
                rename(acme, "apex")
                took = later.enter_context(meanwhile(work))
                wait_until(somebody_waits_for_us, "the taker waits")
            with pytest.raises(Invalid, match="taken"):
                took.result(LIMIT)
        assert set(Organization.objects.values_list("slug", flat=True)) == {"apex", "globex"}

    def test_its_own_it_may_take_back(self, apex):
        rename(apex, "acme")
        assert FormerShortName.objects.get().slug == "apex"
        rename(apex, "third")
        assert set(FormerShortName.objects.values_list("slug", flat=True)) == {"acme", "apex"}

    def test_a_name_alone_leaves_no_trace(self, acme, announcements, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            rename(acme, "acme", name="Apex")
        assert not FormerShortName.objects.exists()
        assert [message["type"] for _, message in announcements] == ["log.appended"]

    def test_open_pages_are_told(self, acme, announcements, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            rename(acme, "apex")
        frame = {"type": "organization", "org": {"id": acme.pk, "slug": "apex"}}
        message = {"type": "org.event", "org_id": acme.pk, "payload": frame}
        assert announcements[0] == (org_group_name(acme.pk), message)


class TestFormerOnes:
    @pytest.mark.parametrize(
        ("path", "query"),
        [
            ("", ""),
            ("tasks/", "q=a%20b&status=all"),
            ("tasks/1/", "version=1"),
            ("tasks/new/", ""),
            ("history/", "task=ACME-1"),
            ("members/", ""),
        ],
    )
    def test_pages_lead_to_the_address_of_today(self, apex, path, query):
        for method in ("get", "head"):
            answer = getattr(signed_in(apex.bob), method)(f"/orgs/acme/{path}?{query}")
            assert answer.status_code == 302
            assert answer["Location"] == f"/orgs/apex/{path}" + (f"?{query}" if query else "")

    def test_a_form_of_an_open_page_is_taken(self, apex):
        answer = signed_in(apex.bob).post("/orgs/acme/tasks/1/comment/", {"text": "Still here"})
        (commented,) = TaskEvent.objects.filter(action="commented")
        assert answer["Location"] == f"/orgs/apex/tasks/1/?event={commented.pk}#event-{commented.pk}"

    def test_the_twin_answers_and_says_the_new_one(self, apex):
        old, new = (
            signed_in(apex.bob).get(f"/api/orgs/{slug}/notifications/").json() for slug in ("acme", "apex")
        )
        assert old == new
        assert old["org"] == {"id": apex.pk, "slug": "apex"}

    def test_the_inbox_filters_and_marks_by_it(self, apex):
        bob = signed_in(apex.bob)
        page = bob.get("/inbox/?org=acme")
        assert sum(row.count for group in page.context["groups"] for row in group["rows"]) == 2
        assert [link.label for link in page.context["organizations"] if link.is_here] == ["Acme"]
        newest = TaskEvent.objects.latest("pk").pk
        assert (
            bob.post("/inbox/mark/", {"act": "read-all", "up_to": newest, "org": "acme"}).status_code == 302
        )

    @pytest.mark.parametrize("key", ["ACME-1", "acme-1", "APEX-1", "#1"])
    def test_keys_in_old_texts_are_found(self, apex, key):
        bob = signed_in(apex.bob)
        assert bob.get("/orgs/apex/history/", {"task": key}).context["filters"].stream_id is not None
        assert [task.number for task in bob.get("/orgs/apex/tasks/", {"q": key}).context["page"]] == [1]
        assert search(TaskEvent.objects.all(), key).exists()

    def test_commands_know_it(self, apex, capsys):
        call_command("audit_history", task="ACME-1")
        call_command("audit_history", org="acme")
        assert capsys.readouterr().out.count("nothing is wrong") == 2

    def test_of_a_key_of_another_organization_are_none(self, apex, globex):
        new_task(globex, actor=globex.gina)
        page = signed_in(globex.gina).get("/orgs/globex/history/", {"task": "ACME-1"})
        assert page.status_code == 400

    def test_tell_strangers_nothing(self, apex, globex):
        """`tests/config/test_isolation.py` asks at every address."""
        gina = signed_in(globex.gina)
        marks = [
            gina.post("/inbox/mark/", {"act": "read-all", "up_to": "9", "org": slug}).status_code
            for slug in ("acme", "nowhere")
        ]
        assert marks == [404, 404]

    def test_go_before_nobody(self, apex):
        """Whoever is called so today is meant, whatever else was called so once."""
        other = OrganizationFactory(slug="acme")
        other.memberships.create(user=apex.bob, role="owner")
        page = signed_in(apex.bob).get("/orgs/acme/tasks/")
        assert page.context["organization"] == other
