import pytest

from base.errors import Forbidden, NotFound
from orgs.access import membership_in, memberships_of, require_editor
from orgs.models import Membership

pytestmark = pytest.mark.django_db


def test_only_ones_own_memberships_are_found_by_name(acme, globex):
    globex.join("alice")
    found = memberships_of(acme.alice.pk)
    assert [membership.organization.slug for membership in found] == ["acme", "globex"]
    assert {membership.user_id for membership in found} == {acme.alice.pk}


def test_the_organization_comes_with_it(acme, django_assert_num_queries):
    user_id = acme.alice.pk
    with django_assert_num_queries(1):
        assert [membership.organization.name for membership in memberships_of(user_id)] == ["Acme"]


@pytest.mark.parametrize("slug", ["acme", "nowhere", "ACME", "", "a b"])
def test_a_foreign_and_an_unknown_organization_answer_alike(acme, globex, slug):
    with pytest.raises(NotFound) as refused:
        membership_in(slug, globex.gina.pk)
    assert refused.value.message == NotFound().message


def test_the_signed_out_belong_to_nothing(acme):
    assert list(memberships_of(None)) == []
    with pytest.raises(NotFound):
        membership_in("acme", None)


def test_a_closed_account_belongs_to_nothing(acme):
    carol = acme.carol
    carol.is_active = False
    carol.save()
    assert not memberships_of(carol.pk).exists()
    with pytest.raises(NotFound):
        membership_in("acme", carol.pk)


def test_a_refusal_says_what_to_do():
    with pytest.raises(Forbidden, match="Ask an admin"):
        require_editor(Membership(role="viewer"))
    require_editor(Membership(role="member"))
