"""Pages of webhooks, for owners and admins: a list, one with what was tried, and the form."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from base.errors import DomainError, NotFound, Unprocessable
from orgs.models import Membership
from orgs.pages import MemberRequest, member_page, org_context
from webhooks import asked, secrets_kept, services
from webhooks.facts import WHY_STOPPED
from webhooks.forms import START, WebhookForm
from webhooks.kinds import groups_of
from webhooks.models import Webhook, WebhookDelivery
from webhooks.standing import standing_of, standings

SHOWN = 50  # deliveries on a page


@require_safe
@member_page
def webhook_list(request: MemberRequest, membership: Membership) -> HttpResponse:
    """Show them, or (`?part`) the part that changes by itself."""
    found = standings(services.of_organization(membership))
    context = {"standings": found, "most": services.MOST}
    return _page(request, membership, _part_or(request, "list"), context)


@member_page
def webhook_create(request: MemberRequest, membership: Membership) -> HttpResponse:
    services.require_manager(membership.role)
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            is_whole = form.cleaned_data["begins"] == START
            made = services.make(membership, form.wish, from_start=is_whole)
        except Unprocessable as error:
            form.refuse(error)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            return _page(request, membership, "webhooks/secret.html", {"made": made, "is_new": True})
    return _form(request, membership, form)


@member_page
def webhook_edit(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    webhook = services.numbered(membership, number)
    form = WebhookForm(request.POST or None, webhook=webhook)
    if request.method == "POST" and form.is_valid():
        try:
            services.edit(membership, number, form.wish)
        except Unprocessable as error:
            form.refuse(error)
        else:
            messages.success(request, f"{form.wish.name} is saved.")
            return _back(membership, number)
    return _form(request, membership, form, webhook)


@require_safe
@member_page
def webhook_detail(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    """Show one with what was tried lately, or (`?part`) the part that changes by itself."""
    webhook = services.numbered(membership, number)
    listed = webhook.deliveries.select_related("asked_by").order_by("-pk")
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        listed = listed.filter(pk__lt=int(before))
    found = list(listed[: SHOWN + 1])
    context = {
        "webhook": webhook,
        "standing": standing_of(webhook),
        "kinds": groups_of(webhook.kinds),
        "why_stopped": WHY_STOPPED.get(webhook.stopped_why, ""),
        "deliveries": found[:SHOWN],
        "next": found[SHOWN - 1].pk if len(found) > SHOWN else None,
        "public_keys": secrets_kept.public_keys(webhook),
        "former": webhook.secrets.filter(ends_at__isnull=False).first(),
    }
    return _page(request, membership, _part_or(request, "detail"), context)


@require_POST
@member_page
def webhook_pause(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    webhook = services.pause(membership, number)
    messages.success(request, f"{webhook.name} is paused. What happens meanwhile waits.")
    return _back(membership, number)


@require_POST
@member_page
def webhook_resume(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    skip = request.POST.get("skip") == "1"
    webhook = services.resume(membership, number, skip=skip)
    how = "with what happens from now on, and its receiver is told so" if skip else "from where it stopped"
    messages.success(request, f"{webhook.name} goes on {how}.")
    return _back(membership, number)


@require_POST
@member_page
def webhook_remove(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    services.remove(membership, number)
    messages.success(request, "The webhook is removed. Nothing more is sent to its address.")
    return redirect("webhooks:list", membership.organization.slug)


@require_POST
@member_page
def webhook_secret(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    """Make another secret, and show it this once."""
    return _page(request, membership, "webhooks/secret.html", {"made": services.rotate(membership, number)})


@require_POST
@member_page
def webhook_secret_end(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    services.end_former_secret(membership, number)
    messages.success(request, "The former secret signs nothing any more.")
    return _back(membership, number)


@require_POST
@member_page
def webhook_test(request: MemberRequest, membership: Membership, number: int) -> HttpResponse:
    return _ask(request, membership, number, None)


@require_POST
@member_page
def webhook_replay(
    request: MemberRequest, membership: Membership, number: int, delivery_id: int
) -> HttpResponse:
    return _ask(request, membership, number, delivery_id)


def _ask(
    request: MemberRequest, membership: Membership, number: int, delivery_id: int | None
) -> HttpResponse:
    webhook = services.numbered(membership, number)
    try:
        if delivery_id is None:
            asked.ask_test(webhook, request.user)
        else:
            asked.ask_replay(_delivery(webhook, delivery_id), request.user)
        messages.success(request, "It is on its way. What came of it shows below in a moment.")
    except NotFound:
        raise
    except DomainError as error:
        messages.error(request, error.message)
    return _back(membership, number)


def _delivery(webhook: Webhook, delivery_id: int) -> WebhookDelivery:
    if (delivery := webhook.deliveries.filter(pk=delivery_id).first()) is None:
        raise NotFound
    return delivery


def _form(
    request: MemberRequest, membership: Membership, form: WebhookForm, webhook: Webhook | None = None
) -> HttpResponse:
    status = 400 if form.is_bound else 200
    return _page(request, membership, "webhooks/form.html", {"form": form, "webhook": webhook}, status)


def _page(
    request: HttpRequest, membership: Membership, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    return render(request, template, org_context(membership) | context, status=status)


def _part_or(request: HttpRequest, name: str) -> str:
    return f"webhooks/_{name}.html" if "part" in request.GET else f"webhooks/{name}.html"


def _back(membership: Membership, number: int) -> HttpResponse:
    return redirect("webhooks:detail", membership.organization.slug, number)
