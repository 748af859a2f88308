"""Data of an older release goes on, and is mended by a rule."""

import logging

import pytest

from tests.migrating import latest, migrated

BEFORE, AFTER = [("orgs", "0004_user_closed")], [("orgs", "0007_name_rules")]


@pytest.mark.first
@pytest.mark.django_db(transaction=True)
def test_names_and_short_names_of_an_older_release(caplog):
    try:
        old = migrated(BEFORE)
        users, organizations = (old.get_model("orgs", name).objects for name in ("User", "Organization"))
        ids = {name: users.create(username=name).pk for name in ("straße", "STRASSE", "ｂob", "bob", "Carol")}
        slugs = ["acme", "ACME", "new", "new-1", "Old", "old-1", "x" * 40, "X" * 40]
        was = {organizations.create(name=slug, slug=slug).pk: slug for slug in slugs}
        with caplog.at_level(logging.WARNING, "orgs.migrations"):
            new = migrated(AFTER)
        keys = dict(new.get_model("orgs", "User").objects.values_list("username", "name_key"))
        assert keys == {
            "straße": "strasse",
            "STRASSE": f"strasse#{ids['STRASSE']}",
            "ｂob": "bob",
            "bob": f"bob#{ids['bob']}",
            "Carol": "carol",
        }
        names = new.get_model("orgs", "Organization").objects.values_list("pk", "slug")
        assert {was[pk]: slug for pk, slug in names if slug != was[pk]} == {
            "ACME": "acme-1",
            "new": "new-2",
            "Old": "old",
            "X" * 40: "x" * 38 + "-1",
        }
        former = new.get_model("orgs", "FormerShortName").objects.values_list("slug", "organization_id")
        assert {slug: was[pk] for slug, pk in former} == {
            slug: slug for slug in ("ACME", "new", "Old", "X" * 40)
        }
        assert len(caplog.messages) == 6
    finally:
        latest()
