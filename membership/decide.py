"""The rules: which facts follow from a command, or why it is refused. Pure: no Django, clock, randomness or I/O."""

from base.errors import Conflict, Forbidden, Invalid, NotFound
from events.facts import Fact
from membership import commands, facts
from membership.state import MANAGERS, OWNER, OrganizationState

ROLES = ("owner", "admin", "member", "viewer")


def decide(state: OrganizationState, command: commands.Command, actor_id: int) -> list[Fact]:
    """Find the facts that follow; none for no change. Raises Invalid, Forbidden, Conflict or NotFound."""
    match command:
        case commands.CreateOrganization(owner_id=owner_id):
            created = facts.OrganizationCreated(state.name, state.short_name)
            return [created] if owner_id is None else [created, facts.MemberJoined(owner_id, OWNER)]
        case commands.RenameOrganization(name=name, short_name=short_name):
            return _rename(state, name, short_name)
        case commands.AddMember():
            return [_add(state, command, _actor(state, actor_id))]
        case commands.ChangeRole(user_id=user_id, role=role):
            return _change_role(state, user_id, role, _actor(state, actor_id))
        case commands.RemoveMember(user_id=user_id):
            return [_remove(state, user_id, actor_id, _actor(state, actor_id))]


def roles_to_give(role: str) -> list[str]:
    """List the roles that somebody with this role may give: nobody gives more than they have."""
    if role == OWNER:
        return list(ROLES)
    return [each for each in ROLES if each != OWNER] if role in MANAGERS else []


def may_change(role: str, of_member: str) -> bool:
    """Say whether somebody with this role may change or remove a member with that one."""
    return role in MANAGERS and (role == OWNER or of_member != OWNER)


def require_manager(role: str) -> None:
    """Raise Forbidden for a role that manages no members."""
    if role not in MANAGERS:
        raise Forbidden("Only owners and admins can change members.")


def _rename(state: OrganizationState, name: str, short_name: str) -> list[Fact]:
    if (name, short_name) == (state.name, state.short_name):
        return []
    return [facts.OrganizationRenamed(state.name, name, state.short_name, short_name)]


def _add(state: OrganizationState, command: commands.AddMember, role: str) -> Fact:
    _require_may_give(role, command.role)
    if state.named is None:
        raise NotFound(f"There is no account with the user name '{command.user_name}'.")
    if state.named.user_id in state.roles:
        raise Conflict(f"{state.named.display_name} is already a member.")
    return facts.MemberJoined(state.named.user_id, command.role)


def _change_role(state: OrganizationState, user_id: int, role: str, by: str) -> list[Fact]:
    _require_may_give(by, role)
    former = _role(state, user_id)
    _require_may_change(by, former)
    if former == OWNER and role != OWNER:
        _require_another_owner(state, user_id)
    return [] if role == former else [facts.RoleChanged(user_id, former, role)]


def _remove(state: OrganizationState, user_id: int, actor_id: int, by: str) -> Fact:
    role = _role(state, user_id)
    if user_id != actor_id:
        require_manager(by)
        _require_may_change(by, role)
    if role == OWNER:
        _require_another_owner(state, user_id)
    return facts.MemberLeft(role) if user_id == actor_id else facts.MemberRemoved(user_id, role)


def _actor(state: OrganizationState, actor_id: int) -> str:
    """Find the actor's role. Raises NotFound where they are no member, or their account is closed."""
    if actor_id in state.closed:
        raise NotFound
    return _role(state, actor_id)


def _role(state: OrganizationState, user_id: int) -> str:
    if user_id not in state.roles:
        raise NotFound("That person is no longer a member.")
    return state.roles[user_id]


def _require_may_give(by: str, role: str) -> None:
    require_manager(by)
    if role not in ROLES:
        raise Invalid("That role does not exist.")
    if role not in roles_to_give(by):
        raise Forbidden("Only an owner can make somebody an owner.")


def _require_may_change(by: str, role: str) -> None:
    if not may_change(by, role):
        raise Forbidden("Only an owner can change an owner.")


def _require_another_owner(state: OrganizationState, user_id: int) -> None:
    others = (each for each, role in state.roles.items() if role == OWNER and each not in state.closed)
    if all(each == user_id for each in others):
        raise Conflict("An organization needs an owner. Make somebody else an owner first.")
