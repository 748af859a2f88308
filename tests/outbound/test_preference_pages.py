"""The page of preferences: its switches, its schedule, what it says, and whose it is."""

import datetime as dt
import html
import re

import pytest

from inbox.services import mute, watch
from outbound.models import Delivery, Unreachable
from outbound.push.encryption import new_key
from preferences import services
from preferences.chosen import hours_of, switches_of
from preferences.hours import Hours
from preferences.kinds import Channel, Kind, Value
from preferences.models import Preference, Schedule
from tests.tasks.acme import Level, comment, new_task, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.first]

PAGE = "/preferences/"
JSON = {"Accept": "application/json"}
HOURS = {
    "zone": "Asia/Kolkata",
    "begins": "08:00",
    "ends": "17:30",
    "digest_at": "07:15",
    "days": ["0", "6"],
    "quiet": "on",
}


def text(response):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def stands(page):
    """Name of a switch -> how it stands."""
    return {cell.name: str(cell.value) for line in page.context["table"].lines for cell in line.cells}


def chosen(user):
    return {(each.organization_id, each.channel, each.kind, each.value) for each in switches_of(user.pk)}


class TestSwitches:
    def test_one_is_set_by_a_click_and_the_answer_says_what_will_happen(self, acme, bob):
        fields = {"only": "mail-mentions", "mail-mentions": "off", "org": ""}
        answer = bob.post(f"{PAGE}choose/", fields, headers=JSON)
        assert answer.status_code == 200
        assert 'id="switches"' in answer.json()["html"]
        assert chosen(acme.bob) == {(None, "mail", "mentions", "off")}
        assert bob.post(f"{PAGE}choose/", {"only": "toast-mine"}, headers=JSON).status_code == 200
        assert (None, "toast", "mine", "off") in chosen(acme.bob)

    def test_of_an_organization_hold_there_alone_until_everywheres_are_used_again(self, acme, globex, bob):
        globex.join("bob")
        bob.post(f"{PAGE}choose/", {"only": "inbox-everything", "org": "acme"}, headers=JSON)
        assert chosen(acme.bob) == {(acme.pk, "inbox", "everything", "off")}
        assert acme.membership(acme.bob).level == "participating"
        assert globex.membership(acme.bob).level == "all"
        page = bob.get(f"{PAGE}?org=acme")
        assert "Acme has 1 switch of its own" in text(page)
        assert "Globex: as everywhere" in text(bob.get(f"{PAGE}?org=globex"))
        answer = bob.post(f"{PAGE}as-everywhere/", {"org": "acme"})
        assert answer["Location"] == "/preferences/?org=acme"
        assert not chosen(acme.bob)
        assert acme.membership(acme.bob).level == "all"

    def test_without_scripts_what_differs_from_what_was_shown_is_set(self, acme, bob):
        page = bob.get(PAGE)
        shown = page.context["table"].shown
        services.choose(acme.bob.pk, None, Channel.MAIL, Kind.WATCHED, Value.OFF)  # in another tab
        fields = dict(pair.split("=") for pair in shown.split())
        fields = {name: value for name, value in fields.items() if value != "off" or name.startswith("mail-")}
        fields |= {"mail-mine": "at_once", "shown": shown, "org": ""}
        del fields["toast-mentions"]
        assert bob.post(f"{PAGE}choose/", fields)["Location"] == PAGE
        assert chosen(acme.bob) == {
            (None, "mail", "watched", "off"),
            (None, "mail", "mine", "at_once"),
            (None, "toast", "mentions", "off"),
        }

    def test_everything_has_others_in_it_and_they_cannot_be_switched_off_there(self, acme, bob):
        lines = {line.kind: line.cells[0] for line in bob.get(PAGE).context["table"].lines}
        assert [kind for kind, cell in lines.items() if cell.included] == ["mine", "watched"]
        assert [kind for kind, cell in lines.items() if cell.always] == [
            "mentions", "assignments", "memberships",
        ]  # fmt: skip
        services.choose(acme.bob.pk, None, Channel.INBOX, Kind.EVERYTHING, Value.OFF)
        assert not any(line.cells[0].included for line in bob.get(PAGE).context["table"].lines)

    def test_what_the_inbox_does_not_take_reaches_nobody_by_another_channel(self, acme, bob):
        for kind in (Kind.EVERYTHING, Kind.MINE):
            services.choose(acme.bob.pk, None, Channel.INBOX, kind, Value.OFF)
        page = bob.get(PAGE)
        idle = {cell.name for line in page.context["table"].lines for cell in line.cells if cell.idle}
        assert idle == {
            f"{channel}-{kind}" for channel in ("toast", "desktop", "mail") for kind in ("mine", "everything")
        }
        assert "a short note pops up for mentions, assignments, watched tasks and memberships." in text(page)

    def test_a_level_of_an_older_release_is_shown_as_it_is(self, acme, bob):
        acme.organization.memberships.filter(user=acme.bob).update(level=Level.WATCHED)
        found = stands(bob.get(f"{PAGE}?org=acme"))
        assert [found[f"inbox-{kind}"] for kind in ("mine", "watched", "everything")] == ["off", "on", "off"]

    def test_what_cannot_be_switched_off_may_be_said_to_be_on(self, acme, bob):
        for org in ("", "acme"):
            fields = {"only": "inbox-mentions", "inbox-mentions": "on", "org": org}
            assert bob.post(f"{PAGE}choose/", fields, headers=JSON).status_code == 200
        assert chosen(acme.bob) == set()

    def test_each_has_an_address_of_its_own(self, bob):
        content = bob.get(f"{PAGE}?org=acme").content.decode()
        for channel in Channel:
            for kind in Kind:
                assert content.count(f'id="{channel}-{kind}"') == 1

    def test_what_cannot_be_switched_off_says_so(self, bob):
        page = text(bob.get(PAGE))
        assert "Removed from an organization Cannot be switched off" in page
        assert "Security of your account Cannot be switched off" in page
        assert "Mentions, assignments and memberships always stand in your inbox" in page

    @pytest.mark.parametrize(
        "fields",
        [
            {"only": "mail-nothing"},
            {"only": "x"},
            {"only": "inbox-mentions"},
            {"only": "mail-mine", "mail-mine": "on"},
            {"only": "mail-mine", "mail-mine": "\x00"},
            {"only": "toast-mine", "toast-mine": "at_once"},
        ],
        ids=str,
    )
    def test_what_there_is_not_is_refused(self, bob, fields):
        answer = bob.post(f"{PAGE}choose/", fields, headers=JSON)
        assert answer.status_code == 400
        assert answer.json()["error"]["message"]
        assert not Preference.objects.exists()


class TestWhose:
    @pytest.mark.parametrize("org", ["globex", "nowhere", "\x00"])
    def test_an_organization_that_is_not_theirs_is_none(self, acme, globex, bob, org):
        assert bob.get(PAGE, {"org": org}).status_code == 404
        for act in ("choose", "as-everywhere"):
            answer = bob.post(f"{PAGE}{act}/", {"org": org, "only": "toast-mine"})
            assert answer.status_code == 404
        assert not Preference.objects.exists()

    def test_nothing_changes_by_a_link_and_nobody_signed_out_sees_it(self, acme, bob, client):
        for act in ("choose", "as-everywhere", "schedule", "try", "mail-again"):
            fields = HOURS | {"only": "toast-mine", "org": "acme", "channel": "mail"}
            assert bob.get(f"{PAGE}{act}/", fields).status_code != 200
        assert not (Preference.objects.exists() or Schedule.objects.exists() or Delivery.objects.exists())
        assert client.get(PAGE)["Location"].startswith("/accounts/login/")

    def test_a_former_short_name_leads_to_the_organization(self, acme, bob):
        acme.organization.former_short_names.create(slug="old-acme")
        assert bob.get(f"{PAGE}?org=old-acme").context["org"] == "acme"


class TestSchedule:
    def test_is_set_and_said(self, acme, bob):
        answer = bob.post(f"{PAGE}schedule/", HOURS, headers=JSON)
        assert "The digest comes at 7:15 on Monday and Sunday" in html.unescape(answer.json()["html"])
        expected = Hours("Asia/Kolkata", dt.time(8), dt.time(17, 30), frozenset({0, 6}), dt.time(7, 15), True)
        assert hours_of([acme.bob.pk]) == {acme.bob.pk: expected}

    def test_the_browsers_zone_is_offered_and_never_set(self, acme, bob):
        bob.cookies["timezone"] = "Europe/Vienna"
        assert "Your browser is in Europe/Vienna." in text(bob.get(PAGE))
        assert not Schedule.objects.exists()
        bob.post(f"{PAGE}schedule/", HOURS | {"offered": "Europe/Vienna"})
        assert Schedule.objects.get().zone == "Europe/Vienna"
        assert "Your browser is in" not in text(bob.get(PAGE))

    def test_a_zone_that_vanished_is_said_and_kept_until_another_is_chosen(self, acme, bob):
        Schedule.objects.create(user=acme.bob, zone="Mars/Olympus")
        page = bob.get(PAGE)
        assert "The time zone “Mars/Olympus” does not exist any more" in text(page)
        assert "Mars/Olympus" in page.context["zones"]

    @pytest.mark.parametrize(
        "fields",
        [
            {"zone": "Mars/Olympus"},
            {"zone": ""},
            {"days": []},
            {"days": ["7"]},
            {"begins": ""},
            {"ends": "25:00"},
            {"digest_at": "nine"},
        ],
        ids=str,
    )
    def test_what_is_none_is_refused_with_a_word(self, bob, fields):
        answer = bob.post(f"{PAGE}schedule/", HOURS | fields, headers=JSON)
        assert answer.status_code == 400
        page = bob.post(f"{PAGE}schedule/", HOURS | fields, follow=True)
        assert answer.json()["error"]["message"] in text(page)
        assert not Schedule.objects.exists()


class TestChannels:
    def test_what_is_not_set_up_says_so_and_is_not_tried(self, bob, settings):
        settings.MAIL_IS_ON, settings.PUSH_KEY = False, ""
        page = text(bob.get(PAGE))
        assert page.count("Not set up on this server.") == 2
        assert "Nothing reaches your desktop from this server." in page
        for channel in ("mail", "desktop"):
            assert bob.post(f"{PAGE}try/", {"channel": channel}, headers=JSON).status_code == 409
        assert not Delivery.objects.exists()

    def test_mail_is_tried_once_a_minute_by_who_has_an_address(self, acme, bob, settings):
        settings.MAIL_IS_ON = True
        assert "until you confirm your address" in text(bob.get(PAGE))
        assert bob.post(f"{PAGE}try/", {"channel": "mail"}, headers=JSON).status_code == 409
        acme.bob.emailaddress_set.create(email="bob@example.com", verified=True, primary=True)
        answer = bob.post(f"{PAGE}try/", {"channel": "mail"}, headers=JSON)
        assert answer.json() == {"said": "An e-mail is on its way to bob@example.com."}
        page = bob.post(f"{PAGE}try/", {"channel": "mail"}, follow=True)
        assert "You tried it just now" in text(page)
        assert Delivery.objects.count() == 1

    def test_an_address_that_bounced_says_so_until_its_owner_says_that_it_takes_mail(
        self, acme, bob, settings
    ):
        settings.MAIL_IS_ON = True
        acme.bob.emailaddress_set.create(email="Bob@example.com", verified=True, primary=True)
        Unreachable.objects.create(address="bob@example.com", why="bounced", since="2026-11-01T00:00Z")
        assert "Stopped: it does not take mail" in text(bob.get(PAGE))
        bob.post(f"{PAGE}mail-again/")
        assert "Stopped" not in text(bob.get(PAGE))

    def test_the_desktop_is_on_in_no_browser_before_it_is_asked_for(self, bob, settings):
        settings.PUSH_KEY = new_key()
        assert "On in no browser yet" in text(bob.get(PAGE))
        assert bob.post(f"{PAGE}try/", {"channel": "desktop"}, headers=JSON).status_code == 409

    @pytest.mark.parametrize("channel", ["", "inbox", "x"])
    def test_others_are_not_tried_by_the_server(self, bob, channel):
        assert bob.post(f"{PAGE}try/", {"channel": channel}, headers=JSON).status_code == 400


class TestMutedAndWatched:
    def test_are_listed_by_their_title_of_today(self, acme, bob):
        task, other = (
            new_task(acme, actor=acme.alice, title=title) for title in ("Fix the door", "Fix the window")
        )
        mute(acme.bob.pk, acme.pk, task.pk, muted=True)
        watch(acme.bob.pk, acme.pk, other.pk, watching=True)
        watch(acme.carol.pk, acme.pk, task.pk, watching=True)
        comment(task, actor=acme.alice)
        context = bob.get(PAGE).context
        assert [event.subject for event in context["muted"].newest] == ["Fix the door"]
        assert [event.version for event in context["muted"].newest] == [2]
        assert [event.subject for event in context["watched"].newest] == ["Fix the window"]

    def test_leave_out_the_tasks_of_who_left(self, acme):
        task = new_task(acme, actor=acme.alice)
        mute(acme.carol.pk, acme.pk, task.pk, muted=True)
        acme.membership(acme.carol).delete()
        page = signed_in(acme.carol).get(PAGE)
        assert page.context["muted"].newest == []

    def test_are_the_first_of_many(self, acme, bob, monkeypatch):
        monkeypatch.setattr("inbox.asked_lists.LISTED", 1)
        for _ in range(2):
            mute(acme.bob.pk, acme.pk, new_task(acme, actor=acme.alice).pk, muted=True)
        assert "and 1 more." in text(bob.get(PAGE))


class TestToasts:
    def quiet(self, client, organization):
        return client.get("/inbox/").context["boot"]["orgs"][str(organization.pk)]["quiet"]

    def test_are_by_organization_and_there_its_own_go_first(self, acme, globex, bob):
        globex.join("bob")
        assert self.quiet(bob, acme) == ["org"]
        services.choose(acme.bob.pk, None, Channel.TOAST, Kind.WATCHED, Value.OFF)
        services.choose(acme.bob.pk, acme.pk, Channel.TOAST, Kind.EVERYTHING, Value.ON)
        services.choose(acme.bob.pk, acme.pk, Channel.TOAST, Kind.MENTIONS, Value.OFF)
        services.choose(acme.carol.pk, None, Channel.TOAST, Kind.MINE, Value.OFF)
        assert self.quiet(bob, acme) == ["mentioned", "shipped", "watching"]
        assert self.quiet(bob, globex) == ["org", "watching"]
