"""The rules of membership: which facts follow, and what is refused with which words. No database."""

import pytest

from base.errors import Conflict, Forbidden, Invalid, NotFound
from membership.commands import AddMember, ChangeRole, CreateOrganization, RemoveMember, RenameOrganization
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
