"""Service accounts: members without a password, for programs. One belongs to the organization that made it, cannot own
it, and ends with its membership."""

from django.db import IntegrityError

from base.announcements import org_group_name
from base.errors import Forbidden, Invalid, NotFound, TooMany
from base.transactions import write_transaction
from membership import rows, services
from membership.decide import require_manager
from orgs.account_services import create_service_account
from orgs.models import Membership, User
from orgs.names import fault_of_name, short_name_of
from tokens.models import Token
from tokens.services import in_force

MOST = 20  # of one organization
NAME_LIMIT = 60
TRIES = 100  # user names that are tried, with numbers at the end


def make(*, by: Membership, name: str, role: str) -> Membership:
    """Make one, and let it join. Raises Forbidden, Invalid, TooMany."""
    name = " ".join(name.split())
    if fault := fault_of_name(name):
        raise Invalid(fault)
    if len(name) > NAME_LIMIT:
        raise Invalid(f"A service account's name has at most {NAME_LIMIT} characters.")
    if role == Membership.Role.OWNER:
        raise Invalid("A service account cannot own an organization. Choose another role.")
    with write_transaction(org_group_name(by.organization_id)):
        require_manager(rows.member_of(by.organization_id, by.user_id).role)
        if len(of_organization(by.organization_id)) >= MOST:
            raise TooMany(f"An organization has at most {MOST} service accounts. Remove one first.")
        try:
            user = create_service_account(_user_name(name), name)
        except IntegrityError:
            raise Invalid("Somebody took that name just now. Try again.") from None
        return services.add_member(by=by, username=user.username, role=role)


def remove(*, by: Membership, user_id: int) -> None:
    """End its membership, its tokens and its account; what it did stays. Raises Forbidden, NotFound."""
    services.remove_member(by=by, user_id=one(by, user_id).user_id)


def one(by: Membership, user_id: int) -> Membership:
    """Find one of the organization, for who may manage it. Raises Forbidden, NotFound."""
    require_manager(by.role)
    if by.user.is_service:
        raise Forbidden("A service account manages no service accounts.")
    found = next((each for each in of_organization(by.organization_id) if each.user_id == user_id), None)
    if found is None:
        raise NotFound
    return found


def of_organization(organization_id: int) -> list[Membership]:
    members = Membership.objects.filter(
        organization=organization_id, user__is_service=True, user__is_active=True
    )
    return list(members.select_related("user", "organization").order_by("user_id"))


def tokens_of(member: Membership) -> list[Token]:
    return list(in_force(member.user_id))


def _user_name(name: str) -> str:
    """Choose a free user name that says what it is."""
    begun = (short_name_of(name) or "service")[:NAME_LIMIT].removesuffix("-bot") + "-bot"
    names = [begun, *(f"{begun}-{number}" for number in range(2, TRIES))]
    free = next((each for each in names if User.objects.is_free(each)), None)
    if free is None:
        raise Invalid("There are too many of that name. Choose another.")
    return free
