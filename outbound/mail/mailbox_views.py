"""The pages of the mailbox: who reads them need not be signed in, since mails there let people sign in."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from outbound.mail import mailbox
from outbound.making import hasten

View = Callable[..., HttpResponseBase]

# A mail's own styles and nothing else; its links open in the whole window, past the frame that shows it.
_OF_A_MAIL = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "frame-ancestors": ["'self'"],
    "base-uri": ["'none'"],
    "form-action": ["'none'"],
    "sandbox": ["allow-top-navigation-by-user-activation"],
}


def where_there_is_one(view: View) -> View:
    @wraps(view)
    def found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not mailbox.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return found


@require_safe
@where_there_is_one
def mail_list(request: HttpRequest) -> HttpResponse:
    context = {"mails": mailbox.mails(), "most": mailbox.MOST}
    return render(request, "outbound/mailbox.html", context)


@require_safe
@where_there_is_one
def mail_page(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "outbound/mailbox_mail.html", {"mail": _mail(name)})


@require_safe
@where_there_is_one
@csp(_OF_A_MAIL)  # type: ignore[arg-type]
@xframe_options_sameorigin
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """Give the HTML of a mail to the frame on its page."""
    return HttpResponse(_mail(name).html.replace("<head>", '<head><base target="_top">', 1))


@require_POST
@where_there_is_one
def make_now(request: HttpRequest) -> HttpResponse:
    """Have all that waits for its hour sent now."""
    hasten(timezone.now())
    messages.info(request, "What waits is on its way. Look again in a few seconds.")
    return HttpResponseRedirect(reverse("mailbox:list"))


def _mail(name: str) -> mailbox.Mail:
    mail = mailbox.mail_called(name)
    if mail is None:
        raise Http404
    return mail
