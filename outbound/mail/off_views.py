"""The pages that a mail's 'Stop these e-mails' leads to. Looking changes nothing; a button does, ours or that of a mail
program."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from events.telling import listed
from orgs.pages import SAFE
from outbound.mail import links
from outbound.mail.unsubscribe import Mails, Unreadable, switch_on
from preferences.words import KINDS


@csrf_exempt
@require_http_methods([*SAFE, "POST"])
def off(request: HttpRequest, token: str) -> HttpResponse:
    """Show which mails it is about. Sent by a form, or by a mail program without any cookie: switch them off."""
    try:
        mails = Mails.read(token)
    except Unreadable:
        return _unreadable(request)
    about = listed(KINDS[kind][0].lower() for kind in mails.kinds)
    organization = mails.organization
    first = links.switch(mails.kinds[0], organization.slug if organization else "")
    context: dict[str, Any] = {"mails": mails, "about": about, "organization": organization, "switch": first}
    if request.method == "POST":
        context |= {"is_off": True, "back": mails.switch_off()}
    return render(request, "outbound/off.html", context)


@csrf_exempt
@require_POST
def on(request: HttpRequest, token: str) -> HttpResponse:
    """Take it back."""
    try:
        switch_on(token)
    except Unreadable:
        return _unreadable(request)
    return render(request, "outbound/on_again.html")


def _unreadable(request: HttpRequest) -> HttpResponse:
    return render(request, "outbound/off_unreadable.html", status=404)
