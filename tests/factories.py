"""People and organizations for tests. Everyone's password is `demo`."""

import factory
from django.contrib.auth.hashers import PBKDF2PasswordHasher

from orgs.models import Membership, Organization, User

PASSWORD = "demo"
# A real hash, so that every process can check it, in one round instead of a million.
PASSWORD_HASH = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    username = factory.Sequence("person{}".format)
    first_name = factory.LazyAttribute(lambda user: user.username.capitalize())
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.com")
    password = PASSWORD_HASH


class OrganizationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organization

    slug = factory.Sequence("org{}".format)
    name = factory.LazyAttribute(lambda organization: organization.slug.capitalize())


class MembershipFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
