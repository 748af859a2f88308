"""The pages of one's access tokens. A new one is shown once, in the answer to the form that made it: it is in no
session, no address and no log."""

from typing import cast

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from accounts.closing import can_prove_who_they_are
from accounts.token_forms import TokenForm
from accounts.token_mails import tell_of
from base.answers import wants_json
from base.errors import DomainError
from base.transactions import write_transaction
from orgs.forms import refuse
from orgs.models import User
from tokens.models import Token
from tokens.scopes import IN_WORDS
from tokens.services import Made, in_force, make, revoke


@login_required
@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    tokens = in_force(cast(User, request.user).pk).select_related("organization")
    return render(request, "accounts/tokens.html", {"tokens": [shown(token) for token in tokens]})


@sensitive_variables("made")
@login_required
@reauthentication_required(enabled=can_prove_who_they_are)  # type: ignore[untyped-decorator]
def token_make(request: HttpRequest) -> HttpResponse:
    """Show the form; make what it asks for, and show it."""
    user = cast(User, request.user)
    form = TokenForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with write_transaction():
                made = make(user, form.wish())
                tell_of(made.token, user)
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            if wants_json(request):
                return for_program(made)
            return render(request, "accounts/token_made.html", {"made": made, "token": shown(made.token)})
    refuse(request, form)
    return render(request, "accounts/token_new.html", {"form": form}, status=400 if form.is_bound else 200)


@login_required
@require_POST
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Revoke one of one's own; another person's is not there."""
    token = get_object_or_404(Token, pk=pk, user=cast(User, request.user))
    revoke([token])
    messages.success(request, f"“{token.name}” is revoked. What used it is cut off.")
    return redirect("accounts:tokens")


@sensitive_variables("made")
def for_program(made: Made) -> HttpResponse:
    """Show a new token, this once, to a program that sent the form."""
    return JsonResponse({"id": made.token.public_id, "name": made.token.name, "token": made.text}, status=201)


def shown(token: Token) -> dict[str, object]:
    """Give a token as pages show it."""
    return {"token": token, "may": [IN_WORDS[scope] for scope in token.scope_list]}
