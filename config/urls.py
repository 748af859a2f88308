"""All addresses."""

from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from config.health import health
from inbox.home import home
from orgs.accounts import ChangePasswordView, SignOutView
from outbound.mail.bounces import report_urls

urlpatterns = [
    path("", home, name="home"),
    path("orgs/<slug:slug>/", include("tasks.urls")),
    path("orgs/", include("membership.urls")),
    path("inbox/", include("inbox.urls")),
    path("mail/", include("outbound.urls")),
    path("mailbox/", include("outbound.mail.mailbox_urls")),
    path("api/", include("inbox.api_urls")),
    path("preferences/", include("outbound.preference_urls")),
    path("", include("outbound.push.urls")),
    *report_urls(),
    # Not all of django.contrib.auth.urls: no mail is set up that could carry a reset.
    path("accounts/login/", auth.LoginView.as_view(), name="login"),
    path("accounts/logout/", SignOutView.as_view(), name="logout"),
    path("accounts/password_change/", ChangePasswordView.as_view(), name="password_change"),
    path(
        "accounts/password_change/done/", auth.PasswordChangeDoneView.as_view(), name="password_change_done"
    ),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health, name="health"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.not_allowed"
handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
