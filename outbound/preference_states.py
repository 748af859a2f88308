"""How the channels of one person stand: whether they are set up, whether something is in the way, and trying them."""

import datetime as dt
from typing import NamedTuple

from django.conf import settings
from django.utils import timezone

from base.errors import Conflict, TooMany
from orgs.models import User
from outbound.mail import addresses
from outbound.mail import services as mail
from outbound.models import Delivery
from outbound.push import services as push
from preferences.kinds import Channel

NOT_SET_UP = "Not set up on this server"
AGAIN = dt.timedelta(minutes=1)  # between two trials of one channel


class State(NamedTuple):
    """`said` is empty where nothing is to be said. `mend` names what the reader can do: `confirm`, `again` or `allow`.
    `instead`: what happens, whatever was chosen."""

    is_on: bool
    said: str = ""
    mend: str = ""
    instead: str = ""


def states_of(user: User) -> dict[Channel, State]:
    there = State(is_on=True)
    return {
        Channel.INBOX: there,
        Channel.TOAST: there,
        Channel.DESKTOP: _of_desktop(user),
        Channel.MAIL: _of_mail(user),
    }


def try_it(user: User, channel: Channel) -> str:
    """Send something to try the channel by, and say where it goes. Raises Conflict where it cannot come, TooMany where
    it was tried just now."""
    state = states_of(user)[channel]
    if not state.is_on or state.mend:
        raise Conflict(f"{state.said}. Nothing was sent.")
    name = Delivery.Channel.MAIL if channel == Channel.MAIL else Delivery.Channel.PUSH
    trials = Delivery.objects.filter(user=user, kind=Delivery.Kind.TRIAL, channel=name)
    if trials.filter(created_at__gt=timezone.now() - AGAIN).exists():
        raise TooMany("You tried it just now. Give it a minute to arrive.")
    if channel == Channel.MAIL:
        mail.try_it(user)
        return f"An e-mail is on its way to {addresses.address_of(user)}."
    push.try_it(user)
    return "A notification is on its way to your desktop."


def _of_mail(user: User) -> State:
    if not settings.MAIL_IS_ON:
        return State(is_on=False, said=NOT_SET_UP, instead="You get no e-mail from this server.")
    if unreachable := addresses.state_of(user):
        why = unreachable.get_why_display()
        instead = f"You get no e-mail until you say that it arrives: of your address we know that {why}."
        return State(is_on=True, said=f"Stopped: {why}", mend="again", instead=instead)
    if addresses.address_of(user) is None:
        instead = "You get no e-mail about news until you confirm your address."
        return State(is_on=True, said="Your address is not confirmed", mend="confirm", instead=instead)
    return State(is_on=True)


def _of_desktop(user: User) -> State:
    if not push.is_set_up():
        return State(is_on=False, said=NOT_SET_UP, instead="Nothing reaches your desktop from this server.")
    browsers = len(push.awake(user.pk))
    if not browsers:
        instead = "Nothing reaches your desktop until you turn it on in a browser."
        return State(is_on=True, said="On in no browser yet", mend="allow", instead=instead)
    return State(is_on=True, said=f"On in {browsers} browser{'s' if browsers > 1 else ''}")
