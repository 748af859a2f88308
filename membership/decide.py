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
        case commands.AcceptInvitation():
            return [_accept(state, command)]
        case commands.ClaimOwnership():
            return [_claim(state, actor_id, _actor(state, actor_id))]
        case commands.ChangeRole():
            return _change_role(state, command, _actor(state, actor_id))
        case commands.RemoveMember():
            return [_remove(state, command, actor_id, _actor(state, actor_id))]


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


def require_may_give(by: str, role: str) -> None:
    """Raise Forbidden or Invalid unless somebody with the role `by` may give this one."""
    require_manager(by)
    if role not in ROLES:
        raise Invalid("That role does not exist.")
    if role not in roles_to_give(by):
        raise Forbidden("Only an owner can make somebody an owner.")


def _rename(state: OrganizationState, name: str, short_name: str) -> list[Fact]:
    if (name, short_name) == (state.name, state.short_name):
        return []
    return [facts.OrganizationRenamed(state.name, name, state.short_name, short_name)]


def _add(state: OrganizationState, command: commands.AddMember, role: str) -> Fact:
    require_may_give(role, command.role)
    if state.named is None:
        raise NotFound(f"There is no account with the user name '{command.user_name}'.")
    if state.named.user_id in state.roles:
        raise Conflict(f"{state.named.display_name} is already a member.")
    return facts.MemberJoined(state.named.user_id, command.role)


def _accept(state: OrganizationState, command: commands.AcceptInvitation) -> Fact:
    """Join, or become an owner. The role is given now, so it is now that its giver must have the right to."""
    if state.named is None:
        raise NotFound
    if not _still_gives(state, command):
        raise Conflict(
            "Whoever invited you cannot do that any more, so this invitation is worth nothing. Ask for a new one."
        )
    user_id, role, by = state.named.user_id, command.role, command.invited_by
    former = state.roles.get(user_id)
    if former is None:
        return facts.MemberJoined(user_id, role, by)
    if role != OWNER or former == OWNER:
        raise Conflict(f"You are already a member of {state.name}.")
    return facts.RoleChanged(user_id, former, OWNER, by)


def _still_gives(state: OrganizationState, command: commands.AcceptInvitation) -> bool:
    if command.by_staff:
        return not _owners(state)
    by = "" if command.invited_by in state.closed else state.roles.get(command.invited_by, "")
    return command.role in roles_to_give(by)


def _claim(state: OrganizationState, actor_id: int, role: str) -> Fact:
    if _owners(state):
        raise Conflict(f"{state.name} has an owner.")
    if role not in MANAGERS:
        raise Forbidden("Only an admin can become the owner of an organization that has none.")
    return facts.RoleChanged(actor_id, role, OWNER)


def _change_role(state: OrganizationState, command: commands.ChangeRole, by: str) -> list[Fact]:
    user_id, role = command.user_id, command.role
    require_may_give(by, role)
    former = _role(state, user_id)
    _require_may_change(by, former)
    if role == former:
        return []
    if role == OWNER:
        raise Conflict("Nobody is made an owner unasked. Offer it to them.")
    if former == OWNER and not command.without_owner:
        _require_another_owner(state, user_id)
    return [facts.RoleChanged(user_id, former, role)]


def _remove(state: OrganizationState, command: commands.RemoveMember, actor_id: int, by: str) -> Fact:
    user_id = command.user_id
    role = _role(state, user_id)
    if user_id != actor_id:
        require_manager(by)
        _require_may_change(by, role)
    if role == OWNER and not command.without_owner:
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


def _require_may_change(by: str, role: str) -> None:
    if not may_change(by, role):
        raise Forbidden("Only an owner can change an owner.")


def _require_another_owner(state: OrganizationState, user_id: int) -> None:
    if _owners(state) <= {user_id}:
        raise Conflict(
            "An organization needs an owner. Offer ownership to somebody else first, or leave it without one."
        )


def _owners(state: OrganizationState) -> set[int]:
    """Find the owners who can act."""
    return {each for each, role in state.roles.items() if role == OWNER and each not in state.closed}
