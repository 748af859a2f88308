"""Catch me up: what is different since the last visit."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orgs.pages import MemberRequest


@require_safe
@login_required
def catch_up(request: MemberRequest) -> HttpResponse:
    return render(request, "inbox/catch_up.html")
