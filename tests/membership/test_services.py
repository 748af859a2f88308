import pytest
from django.db import transaction

from base.announcements import user_group_name
from base.errors import Conflict, Forbidden, Invalid, NotFound
from events.models import TaskEvent
from membership import inviting, rows, services
from membership.decide import may_change, roles_to_give
from orgs.models import Membership, Organization, User
from tests.factories import OrganizationFactory, UserFactory
from tests.tasks.acme import Level, Role

pytestmark = [pytest.mark.django_db, pytest.mark.first]

ROLES = list(Role.values)


def everything():
    """What is in the two tables that these services write."""
    return (
        list(Membership.objects.order_by("pk").values_list("organization", "user", "role", "level")),
        list(Organization.objects.order_by("pk").values_list("pk", "name", "slug", "membership_version")),
    )


@pytest.fixture
def nothing_changes(acme, announcements, django_capture_on_commit_callbacks):
    """For tests of refusals."""
    before = everything()
    with django_capture_on_commit_callbacks(execute=True):
        yield
    assert everything() == before
    assert announcements == []


class TestAClosedAccount:
    """With a membership that was read while it was open."""

    @pytest.fixture
    def by(self, acme):
        by = acme.membership(acme.alice)
        User.objects.filter(pk=by.user_id).update(is_active=False)
        return by

    SERVICES = {
        "adds": lambda by: services.add_member(by=by, username="vera", role="member"),
        "gives": lambda by: services.change_role(by=by, user_id=by.user_id + 1, role="viewer"),
        "removes": lambda by: services.remove_member(by=by, user_id=by.user_id + 1),
        "leaves": lambda by: services.remove_member(by=by, user_id=by.user_id),
        "chooses": lambda by: services.change_level(membership=by, level="muted"),
        "founds": lambda by: services.create_organization(name="Mine", slug="mine", owner=by.user),
    }

    @pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
    def test_changes_nothing(self, by, nothing_changes, service):
        with pytest.raises(NotFound):
            service(by)


class TestCreating:
    def test_makes_its_maker_the_owner(self):
        user = UserFactory()
        organization = services.create_organization(name="Initech", slug="initech", owner=user)
        membership = Membership.objects.get(organization=organization)
        assert (membership.user, membership.role, membership.level) == (user, "owner", "all")

    def test_with_a_slug_that_is_taken_says_so(self, acme, nothing_changes):
        with pytest.raises(Invalid, match="short name is taken"):
            services.create_organization(name="Other", slug="acme", owner=acme.vera)

    def test_within_another_transaction_a_refusal_leaves_it_usable(self, acme):
        with transaction.atomic():
            with pytest.raises(Invalid):
                services.create_organization(name="Other", slug="acme", owner=acme.vera)
            assert Organization.objects.count() == 1


class TestAdding:
    def test_gives_the_role(self, acme):
        dave = UserFactory(username="dave")
        member = services.add_member(by=acme.membership(acme.bob), username="dave", role="viewer")
        assert (member.user, member.role, member.level) == (dave, "viewer", "all")
        assert acme.membership(dave) == member

    def test_finds_the_name_whatever_its_case(self, acme):
        dave = UserFactory(username="Dave")
        assert services.add_member(by=acme.membership(acme.bob), username="dAVE", role="member").user == dave

    @pytest.mark.parametrize("name", ["nobody", "da_e", "d%", "", "dave@example.com", "💥"])
    def test_an_unknown_name_is_named(self, acme, name):
        UserFactory(username="dave")
        with pytest.raises(NotFound, match="no account with the user name"):
            services.add_member(by=acme.membership(acme.bob), username=name, role="member")

    def test_a_closed_account_is_not_found(self, acme, nothing_changes):
        with pytest.raises(NotFound, match="no account"):
            services.add_member(
                by=acme.membership(acme.bob),
                username=UserFactory(is_active=False).username,
                role="member",
            )

    def test_a_member_is_not_added_again(self, acme, nothing_changes):
        with pytest.raises(Conflict, match="Carol is already a member"):
            services.add_member(by=acme.membership(acme.alice), username="carol", role="owner")

    def test_a_large_organization_starts_people_with_what_concerns_them(self, acme, monkeypatch):
        monkeypatch.setattr(rows, "LARGE_ORGANIZATION", 5)
        UserFactory(username="fifth"), UserFactory(username="sixth")
        add = services.add_member
        assert add(by=acme.membership(acme.bob), username="fifth", role="member").level == "all"
        assert add(by=acme.membership(acme.bob), username="sixth", role="member").level == "participating"


class TestWhoMayGiveWhat:
    @pytest.mark.parametrize("role", ROLES)
    @pytest.mark.parametrize(
        ("actor", "gives"),
        [
            ("alice", {"owner", "admin", "member", "viewer"}),
            ("bob", {"admin", "member", "viewer"}),
            ("carol", set()),
            ("vera", set()),
        ],
    )
    def test_by_adding_and_by_changing(self, acme, actor, gives, role):
        by = acme.membership(getattr(acme, actor))
        UserFactory(username="new")
        other = acme.join("other").pk
        assert set(roles_to_give(by.role)) == gives
        if role in gives:
            assert services.add_member(by=by, username="new", role=role).role == role
            if role == Role.OWNER:
                assert inviting.offer_ownership(by=by, user_id=other).role == role
            else:
                assert services.change_role(by=by, user_id=other, role=role).role == role
        else:
            with pytest.raises(Forbidden):
                services.add_member(by=by, username="new", role=role)
            with pytest.raises(Forbidden):
                services.change_role(by=by, user_id=other, role=role)
            assert Membership.objects.get(user_id=other).role == "member"

    @pytest.mark.parametrize("role", ["", "boss", "Owner", "\x00"])
    def test_nobody_gives_a_role_that_does_not_exist(self, acme, nothing_changes, role):
        with pytest.raises(Invalid, match="role does not exist"):
            services.change_role(by=acme.membership(acme.alice), user_id=acme.carol.pk, role=role)

    @pytest.mark.parametrize(
        ("actor", "target", "may"),
        [
            ("alice", "bob", True),
            ("alice", "alice", True),
            ("bob", "alice", False),
            ("bob", "bob", True),
            ("bob", "carol", True),
            ("carol", "vera", False),
            ("carol", "carol", False),
            ("vera", "carol", False),
        ],
    )
    def test_who_may_change_whom(self, acme, actor, target, may):
        acme.join("second", Role.OWNER)
        by, member = acme.membership(getattr(acme, actor)), acme.membership(getattr(acme, target))
        assert may_change(by.role, member.role) is may
        if may:
            services.change_role(by=by, user_id=member.user_id, role="viewer")
        else:
            with pytest.raises(Forbidden):
                services.change_role(by=by, user_id=member.user_id, role="viewer")
        assert (acme.membership(member.user).role == "viewer") == (may or target == "vera")


class TestRemoving:
    @pytest.mark.parametrize(
        ("actor", "target", "may"),
        [
            ("alice", "bob", True),
            ("bob", "alice", False),
            ("bob", "carol", True),
            ("carol", "vera", False),
            ("vera", "carol", False),
            ("carol", "carol", True),
            ("vera", "vera", True),
            ("bob", "bob", True),
        ],
    )
    def test_who_may_remove_whom(self, acme, actor, target, may):
        by, user = acme.membership(getattr(acme, actor)), getattr(acme, target)
        if may:
            services.remove_member(by=by, user_id=user.pk)
        else:
            with pytest.raises(Forbidden):
                services.remove_member(by=by, user_id=user.pk)
        assert Membership.objects.filter(user=user).exists() is not may

    def test_somebody_who_is_no_member(self, acme, globex, nothing_changes):
        with pytest.raises(NotFound, match="no longer a member"):
            services.remove_member(by=acme.membership(acme.alice), user_id=globex.hank.pk)

    def test_twice(self, acme):
        by, carol = acme.membership(acme.alice), acme.carol.pk
        services.remove_member(by=by, user_id=carol)
        with pytest.raises(NotFound):
            services.remove_member(by=by, user_id=carol)

    def test_only_this_membership_ends(self, acme, globex):
        globex.join("carol")
        services.remove_member(by=acme.membership(acme.alice), user_id=acme.carol.pk)
        assert Membership.objects.filter(user=acme.carol).get().organization == globex.organization


class TestTheLastOwner:
    def test_cannot_leave(self, acme, nothing_changes):
        with pytest.raises(Conflict, match="needs an owner"):
            services.remove_member(by=acme.membership(acme.alice), user_id=acme.alice.pk)

    @pytest.mark.parametrize("role", ["admin", "member", "viewer"])
    def test_cannot_step_down(self, acme, nothing_changes, role):
        with pytest.raises(Conflict, match="needs an owner"):
            services.change_role(by=acme.membership(acme.alice), user_id=acme.alice.pk, role=role)

    def test_stays_owner_when_made_owner(self, acme):
        services.change_role(by=acme.membership(acme.alice), user_id=acme.alice.pk, role="owner")
        assert acme.membership(acme.alice).role == "owner"

    def test_may_go_once_there_is_another(self, acme):
        offer = inviting.offer_ownership(by=acme.membership(acme.alice), user_id=acme.bob.pk)
        services.accept_invitation(offer.pk, user=acme.bob)
        services.remove_member(by=acme.membership(acme.alice), user_id=acme.alice.pk)
        with pytest.raises(Conflict):
            services.remove_member(by=acme.membership(acme.bob), user_id=acme.bob.pk)

    def test_owners_of_other_organizations_do_not_count(self, acme, globex):
        globex.join("alice", Role.OWNER)
        with pytest.raises(Conflict):
            services.remove_member(by=acme.membership(acme.alice), user_id=acme.alice.pk)

    def test_a_closed_account_is_no_owner_to_rely_on(self, acme):
        acme.join("gone", Role.OWNER)
        gone = acme.gone
        gone.is_active = False
        gone.save()
        with pytest.raises(Conflict, match="needs an owner"):
            services.remove_member(by=acme.membership(acme.alice), user_id=acme.alice.pk)
        with pytest.raises(Conflict, match="needs an owner"):
            services.change_role(by=acme.membership(acme.alice), user_id=acme.alice.pk, role="admin")

    def test_a_closed_owner_can_be_removed_by_a_working_one(self, acme):
        acme.join("gone", Role.OWNER)
        gone = acme.gone
        gone.is_active = False
        gone.save()
        services.remove_member(by=acme.membership(acme.alice), user_id=gone.pk)
        assert not Membership.objects.filter(user=gone).exists()


class TestRightsAreReadAfresh:
    """A page that stays open keeps no rights: what counts is the membership at the moment of the write."""

    def demote(self, acme, user, role):
        Membership.objects.filter(organization=acme.organization, user=user).update(role=role)

    def test_a_demoted_admin_can_do_nothing_more(self, acme):
        stale = acme.membership(acme.bob)
        self.demote(acme, acme.bob, "member")
        UserFactory(username="new")
        with pytest.raises(Forbidden):
            services.add_member(by=stale, username="new", role="member")
        with pytest.raises(Forbidden):
            services.change_role(by=stale, user_id=acme.carol.pk, role="viewer")
        with pytest.raises(Forbidden):
            services.remove_member(by=stale, user_id=acme.carol.pk)

    def test_a_demoted_owner_makes_no_owners(self, acme):
        acme.join("second", Role.OWNER)
        stale = acme.membership(acme.alice)
        self.demote(acme, acme.alice, "admin")
        with pytest.raises(Forbidden):
            services.change_role(by=stale, user_id=acme.alice.pk, role="owner")

    def test_a_removed_admin_can_do_nothing_more(self, acme):
        stale = acme.membership(acme.bob)
        services.remove_member(by=acme.membership(acme.alice), user_id=acme.bob.pk)
        for act in (
            lambda: services.add_member(by=stale, username="bob", role="admin"),
            lambda: services.change_role(by=stale, user_id=acme.carol.pk, role="viewer"),
            lambda: services.remove_member(by=stale, user_id=acme.carol.pk),
            lambda: services.change_level(membership=stale, level="muted"),
        ):
            with pytest.raises(NotFound):
                act()

    def test_a_stale_object_does_not_write_its_old_role_back(self, acme):
        stale = acme.membership(acme.bob)
        self.demote(acme, acme.bob, "viewer")
        services.change_level(membership=stale, level="muted")
        fresh = acme.membership(acme.bob)
        assert (fresh.role, fresh.level) == ("viewer", "muted")


class TestLevel:
    @pytest.mark.parametrize("level", Level.values)
    @pytest.mark.parametrize("who", ["alice", "vera"])
    def test_everybody_chooses_their_own(self, acme, who, level):
        services.change_level(membership=acme.membership(getattr(acme, who)), level=level)
        assert acme.membership(getattr(acme, who)).level == level
        assert acme.membership(acme.carol).level == "all"

    @pytest.mark.parametrize("level", ["", "loud", "ALL"])
    def test_must_exist(self, acme, nothing_changes, level):
        with pytest.raises(Invalid, match="level does not exist"):
            services.change_level(membership=acme.membership(acme.alice), level=level)


class TestEveryChange:
    """bumps the organization's membership version and tells the person concerned."""

    CHANGES = (
        (
            "joined",
            "new",
            lambda acme: services.add_member(by=acme.membership(acme.bob), username="new", role="viewer"),
        ),
        (
            "changed",
            "carol",
            lambda acme: services.change_role(
                by=acme.membership(acme.bob), user_id=acme.carol.pk, role="viewer"
            ),
        ),
        (
            "changed",
            "vera",
            lambda acme: services.change_level(membership=acme.membership(acme.vera), level="muted"),
        ),
        (
            "left",
            "carol",
            lambda acme: services.remove_member(by=acme.membership(acme.bob), user_id=acme.carol.pk),
        ),
    )

    @pytest.mark.parametrize(("change", "username", "act"), CHANGES)
    def test_is_counted_and_announced(
        self, acme, globex, announcements, django_capture_on_commit_callbacks, change, username, act
    ):
        user = UserFactory(username="new") if username == "new" else getattr(acme, username)
        with django_capture_on_commit_callbacks(execute=True):
            act(acme)
            assert announcements == []
        message = {"type": "membership.changed", "user_id": user.pk, "org_id": acme.pk, "change": change}
        (announced, *appended) = announcements
        assert announced == (user_group_name(user.pk), message)
        versions = dict(Organization.objects.values_list("slug", "membership_version"))
        assert versions == {"acme": 1, "globex": 0}
        # With the version under which its own event was delivered; a level is no event.
        assert [each["membership_version"] for _, each in appended] == [1] * TaskEvent.objects.count()

    def test_creating_tells_the_first_owner(self, announcements, django_capture_on_commit_callbacks):
        user = UserFactory()
        with django_capture_on_commit_callbacks(execute=True):
            organization = services.create_organization(name="Initech", slug="initech", owner=user)
        (group, message), (_, appended) = announcements
        assert group == user_group_name(user.pk)
        assert (message["change"], message["org_id"]) == ("joined", organization.pk)
        assert [each["frame"]["action"] for each in appended["events"]] == [
            "organization_created",
            "member_joined",
        ]

    def test_a_rollback_is_silent(self, acme, announcements, django_capture_on_commit_callbacks):
        before = everything()
        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(ZeroDivisionError),
            transaction.atomic(),
        ):
            services.remove_member(by=acme.membership(acme.bob), user_id=acme.carol.pk)
            raise ZeroDivisionError
        assert (everything(), announcements) == (before, [])


def test_a_plain_organization_is_complete():
    """Made without the service, as other code's tests may do."""
    organization = OrganizationFactory()
    owner = Membership.objects.create(organization=organization, user=UserFactory(), role=Role.OWNER)
    UserFactory(username="dave")
    assert services.add_member(by=owner, username="dave", role="member").user.username == "dave"
