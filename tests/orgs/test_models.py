import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from orgs.models import Membership, Organization, User
from tests.factories import PASSWORD_HASH, MembershipFactory, OrganizationFactory, UserFactory


def test_a_person_is_shown_by_their_full_name_or_user_name():
    assert User(username="alice", first_name="Alice", last_name="Reyes").display_name == "Alice Reyes"
    assert User(username="alice", first_name="Alice de", last_name="la Cruz").initials == "AC"
    assert User(username="alice", first_name="Alice").display_name == "Alice"
    assert User(username="alice").display_name == "alice"
    assert User(username="alice", first_name="Álvaro").initials == "ÁL"
    assert User(username="x").initials == "X"


@pytest.mark.parametrize(
    ("role", "edits", "manages"),
    [
        ("owner", True, True),
        ("admin", True, True),
        ("member", True, False),
        ("viewer", False, False),
    ],
)
def test_a_role_allows(role, edits, manages):
    membership = Membership(role=role)
    assert (membership.can_edit, membership.can_manage) == (edits, manages)


def test_the_least_is_given_by_default():
    membership = Membership()
    assert (membership.role, membership.level) == ("member", "all")


@pytest.mark.django_db
class TestConstraints:
    def refuses(self, make):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()

    def test_nobody_is_a_member_twice(self):
        membership = MembershipFactory()
        self.refuses(
            lambda: Membership.objects.create(organization=membership.organization, user=membership.user)
        )

    def test_a_slug_is_given_once(self):
        OrganizationFactory(slug="acme")
        self.refuses(lambda: Organization.objects.create(name="Other", slug="acme"))

    def test_user_names_differ_by_more_than_case(self):
        """People are found by name without regard to case: two of them would be mistaken for one another."""
        UserFactory(username="carol")
        self.refuses(lambda: User.objects.create(username="Carol", password=PASSWORD_HASH))
        with pytest.raises(ValidationError, match="already exists"):
            User(username="CAROL", password=PASSWORD_HASH).full_clean()
