"""The page of one's profile, and people's pictures."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts import profile
from accounts.profile_forms import PictureForm, ProfileForm
from base.errors import Invalid, NotFound
from orgs.forms import refuse
from orgs.models import User

# One transparent point, shown although the answer is a 404: the initials beneath are seen, and no broken picture.
NOTHING = bytes.fromhex(
    "4749463839610100010080000000000000000021f90401000000002c000000000100010000020244013b"
)
SEEN_FOR = 7 * 24 * 3600  # seconds that a browser keeps a picture, whose address changes with it


@login_required
def profile_page(request: HttpRequest) -> HttpResponse:
    user = User.objects.get(
        pk=request.user.pk
    )  # the form writes into it, and the page's frame shows the other
    form = ProfileForm(request.POST or None, instance=user)
    if request.method == "POST" and form.is_valid():
        try:
            profile.save_profile(user.pk, form.cleaned_data)
        except Invalid as error:
            form.add_error("username", error.message)
        else:
            messages.success(request, "Your profile is saved.")
            return redirect("accounts:profile")
    return _page(request, form, PictureForm(), 400 if form.is_bound else 200)


@require_POST
@login_required
def picture_change(request: HttpRequest) -> HttpResponse:
    form = PictureForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            profile.save_picture(cast(int, request.user.pk), form.cleaned_data["picture"].read())
        except Invalid as error:
            form.add_error("picture", error.message)
        else:
            messages.success(request, "Your picture is saved.")
            return redirect("accounts:profile")
    return _page(request, ProfileForm(instance=cast(User, request.user)), form, 400)


@require_POST
@login_required
def picture_remove(request: HttpRequest) -> HttpResponse:
    profile.remove_picture(cast(int, request.user.pk))
    messages.success(request, "Your picture is removed. People see your initials.")
    return redirect("accounts:profile")


@require_safe
@login_required
def picture(request: HttpRequest, user_id: int, digest: str) -> HttpResponse:
    """Answer with somebody's picture, or with 404 where they are nobody to the reader."""
    try:
        body = profile.picture_shown_to(cast(int, request.user.pk), user_id, digest)
    except NotFound:
        return HttpResponseNotFound(NOTHING, content_type="image/gif")
    kept = f"private, max-age={SEEN_FOR}, immutable"
    return HttpResponse(body, content_type="image/webp", headers={"Cache-Control": kept})


def _page(request: HttpRequest, form: ProfileForm, picture_form: PictureForm, status: int) -> HttpResponse:
    for each in (form, picture_form):
        refuse(request, each)
    context = {"form": form, "picture_form": picture_form}
    return render(request, "accounts/profile.html", context, status=status)
