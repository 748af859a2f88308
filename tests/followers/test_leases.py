import pytest

from followers.leases import Leases, Lost
from followers.models import Lease

pytestmark = pytest.mark.django_db
NEVER = -1.0  # seconds: over before it begins


def test_one_of_two_has_it_until_it_is_given_back():
    one, two = Leases(), Leases()
    assert one.take("work")
    assert one.take("work")
    assert not two.take("work")
    assert two.take("other work")
    one.release("work")
    assert two.take("work")
    assert not one.take("work")


def test_one_that_is_not_renewed_passes_on():
    stopped, other = Leases(NEVER), Leases()
    assert stopped.take("work")
    assert other.take("work")
    with pytest.raises(Lost):
        stopped.confirm("work")
    other.confirm("work")


def test_who_lost_it_cannot_give_it_back_for_another():
    stopped, other = Leases(NEVER), Leases()
    stopped.take("work")
    other.take("work")
    stopped.release("work")
    assert not Leases().take("work")


def test_a_fresh_one_costs_nothing_to_renew(django_assert_num_queries):
    leases = Leases()
    leases.take("work")
    with django_assert_num_queries(0):
        assert leases.take("work")


def test_all_are_given_back_in_the_end():
    leases = Leases()
    leases.take("this")
    leases.take("that")
    leases.release_all()
    assert Leases().take("this")
    assert Leases().take("that")
    assert Lease.objects.count() == 2
