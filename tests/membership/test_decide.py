"""The rules of membership: which facts follow, and what is refused with which words. No database."""

import pytest

from base.errors import Conflict, Forbidden, Invalid, NotFound
from membership.commands import (
    AcceptInvitation,
    AddMember,
    ChangeRole,
    ClaimOwnership,
    CreateOrganization,
    RemoveMember,
    RenameOrganization,
)
from membership.decide import ROLES, decide, may_change, roles_to_give
from membership.facts import (
    MemberJoined,
    MemberLeft,
    MemberRemoved,
    OrganizationCreated,
    OrganizationRenamed,
    RoleChanged,
)
from membership.state import Account, OrganizationState
from orgs.models import Membership

OWNER, ADMIN, MEMBER, VIEWER, SECOND = 1, 2, 3, 4, 5
NOBODY = 9


def acme(**fields):
    roles = {OWNER: "owner", ADMIN: "admin", MEMBER: "member", VIEWER: "viewer"}
    return OrganizationState(**{"name": "Acme", "short_name": "acme", "roles": roles} | fields)


def with_second_owner(**fields):
    return acme(roles={**acme().roles, SECOND: "owner"}, **fields)


def test_the_roles_and_who_manages_are_those_of_the_table():
    assert list(ROLES) == Membership.Role.values
    assert {role for role in ROLES if roles_to_give(role)} == set(Membership.MANAGERS)


def test_creating_makes_the_maker_the_owner():
    state = OrganizationState(name="Acme", short_name="acme")
    created = OrganizationCreated("Acme", "acme")
    assert decide(state, CreateOrganization(OWNER), OWNER) == [created, MemberJoined(OWNER, "owner")]
    assert decide(state, CreateOrganization(), OWNER) == [created]


@pytest.mark.parametrize(
    ("name", "short_name", "facts"),
    [
        ("Acme", "acme", []),
        ("Apex", "acme", [OrganizationRenamed("Acme", "Apex", "acme", "acme")]),
        ("Acme", "apex", [OrganizationRenamed("Acme", "Acme", "acme", "apex")]),
        ("Apex", "apex", [OrganizationRenamed("Acme", "Apex", "acme", "apex")]),
    ],
)
def test_renaming_tells_what_changed(name, short_name, facts):
    assert decide(acme(), RenameOrganization(name, short_name), NOBODY) == facts


class TestAdding:
    new = acme(named=Account(NOBODY, "Nora"))

    def test_somebody_joins(self):
        assert decide(self.new, AddMember("nora", "viewer"), ADMIN) == [MemberJoined(NOBODY, "viewer")]

    @pytest.mark.parametrize(
        ("state", "command", "actor_id", "refusal", "words"),
        [
            (
                new,
                AddMember("nora", "member"),
                MEMBER,
                Forbidden,
                "Only owners and admins can change members.",
            ),
            (new, AddMember("nora", "owner"), ADMIN, Forbidden, "Only an owner can make somebody an owner."),
            (new, AddMember("nora", "boss"), OWNER, Invalid, "That role does not exist."),
            (
                acme(),
                AddMember("x", "member"),
                OWNER,
                NotFound,
                "There is no account with the user name 'x'.",
            ),
            (
                acme(named=Account(MEMBER, "Carol")),
                AddMember("carol", "member"),
                OWNER,
                Conflict,
                "Carol is already",
            ),
            (new, AddMember("nora", "member"), NOBODY, NotFound, "no longer a member"),
        ],
    )
    def test_is_refused(self, state, command, actor_id, refusal, words):
        with pytest.raises(refusal, match=words):
            decide(state, command, actor_id)


@pytest.mark.parametrize("actor_id", [OWNER, ADMIN, MEMBER, VIEWER])
@pytest.mark.parametrize("target_id", [OWNER, ADMIN, MEMBER, VIEWER])
@pytest.mark.parametrize("role", ROLES)
def test_a_role_changes_where_it_may_be_given_and_its_holder_changed(actor_id, target_id, role):
    state = with_second_owner()
    by, former = state.roles[actor_id], state.roles[target_id]
    command = ChangeRole(target_id, role)
    if role in roles_to_give(by) and may_change(by, former) and (role == "owner" != former):
        with pytest.raises(Conflict, match="unasked"):
            decide(state, command, actor_id)
    elif role in roles_to_give(by) and may_change(by, former):
        changed = [] if role == former else [RoleChanged(target_id, former, role)]
        assert decide(state, command, actor_id) == changed
    else:
        with pytest.raises(Forbidden):
            decide(state, command, actor_id)


@pytest.mark.parametrize("actor_id", [OWNER, ADMIN, MEMBER, VIEWER])
@pytest.mark.parametrize("target_id", [OWNER, ADMIN, MEMBER, VIEWER])
def test_who_may_remove_whom(actor_id, target_id):
    state = with_second_owner()
    by, role = state.roles[actor_id], state.roles[target_id]
    if actor_id == target_id:
        assert decide(state, RemoveMember(target_id), actor_id) == [MemberLeft(role)]
    elif may_change(by, role):
        assert decide(state, RemoveMember(target_id), actor_id) == [MemberRemoved(target_id, role)]
    else:
        with pytest.raises(Forbidden):
            decide(state, RemoveMember(target_id), actor_id)


class TestTheLastOwner:
    @pytest.mark.parametrize("command", [RemoveMember(OWNER), ChangeRole(OWNER, "admin")])
    @pytest.mark.parametrize("state", [acme(), with_second_owner(closed=frozenset({SECOND}))])
    def test_stays(self, state, command):
        with pytest.raises(Conflict, match="needs an owner"):
            decide(state, command, OWNER)

    def test_may_go_once_there_is_another(self):
        assert decide(with_second_owner(), RemoveMember(OWNER), OWNER) == [MemberLeft("owner")]

    def test_a_closed_one_can_be_removed_by_a_working_one(self):
        state = with_second_owner(closed=frozenset({SECOND}))
        assert decide(state, RemoveMember(SECOND), OWNER) == [MemberRemoved(SECOND, "owner")]


class TestAccepting:
    new = acme(named=Account(NOBODY, "Nora"))

    def test_joins(self):
        assert decide(self.new, AcceptInvitation("admin", ADMIN), NOBODY) == [
            MemberJoined(NOBODY, "admin", ADMIN)
        ]

    def test_a_member_becomes_an_owner(self):
        state = acme(named=Account(ADMIN, "Bob"))
        assert decide(state, AcceptInvitation("owner", OWNER), ADMIN) == [
            RoleChanged(ADMIN, "admin", "owner", OWNER)
        ]

    @pytest.mark.parametrize(
        ("state", "command"),
        [
            (new, AcceptInvitation("member", MEMBER)),
            (new, AcceptInvitation("owner", ADMIN)),
            (new, AcceptInvitation("member", 99)),
            (new, AcceptInvitation("owner", 99, by_staff=True)),
            (
                acme(named=Account(NOBODY, "Nora"), closed=frozenset({ADMIN})),
                AcceptInvitation("member", ADMIN),
            ),
        ],
    )
    def test_needs_somebody_who_still_gives_the_role(self, state, command):
        with pytest.raises(Conflict, match="any more"):
            decide(state, command, NOBODY)

    @pytest.mark.parametrize(("user_id", "role"), [(MEMBER, "admin"), (VIEWER, "viewer"), (SECOND, "owner")])
    def test_is_nothing_for_a_member(self, user_id, role):
        state = with_second_owner(named=Account(user_id, "X"))
        with pytest.raises(Conflict, match="already a member of Acme"):
            decide(state, AcceptInvitation(role, OWNER), user_id)

    def test_staff_give_an_organization_that_has_no_owner(self):
        state = acme(named=Account(NOBODY, "Nora"), closed=frozenset({OWNER}))
        joined = MemberJoined(NOBODY, "owner", 99)
        assert decide(state, AcceptInvitation("owner", 99, by_staff=True), NOBODY) == [joined]

    def test_a_closed_account_does_not(self):
        with pytest.raises(NotFound):
            decide(acme(), AcceptInvitation("member", ADMIN), NOBODY)


class TestWithoutAnOwner:
    left = acme(closed=frozenset({OWNER}))

    def test_an_admin_becomes_it(self):
        assert decide(self.left, ClaimOwnership(), ADMIN) == [RoleChanged(ADMIN, "admin", "owner")]

    @pytest.mark.parametrize(
        ("state", "actor_id", "refusal"),
        [(left, MEMBER, Forbidden), (left, NOBODY, NotFound), (acme(), ADMIN, Conflict)],
    )
    def test_others_do_not(self, state, actor_id, refusal):
        with pytest.raises(refusal):
            decide(state, ClaimOwnership(), actor_id)

    def test_the_last_owner_who_insists_may_go(self):
        assert decide(acme(), RemoveMember(OWNER, without_owner=True), OWNER) == [MemberLeft("owner")]
        stepped_down = decide(acme(), ChangeRole(OWNER, "viewer", without_owner=True), OWNER)
        assert stepped_down == [RoleChanged(OWNER, "owner", "viewer")]


@pytest.mark.parametrize(
    "command", [AddMember("x", "member"), ChangeRole(MEMBER, "viewer"), RemoveMember(OWNER)]
)
def test_a_closed_account_changes_nothing(command):
    with pytest.raises(NotFound):
        decide(with_second_owner(closed=frozenset({OWNER})), command, OWNER)


@pytest.mark.parametrize("command", [ChangeRole(NOBODY, "viewer"), RemoveMember(NOBODY)])
def test_somebody_who_is_no_member_is_not_found(command):
    with pytest.raises(NotFound, match="no longer a member"):
        decide(acme(), command, OWNER)
