"""All addresses."""

from allauth.account import views as allauth
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_POST

from accounts import single_sign_on
from accounts import views as accounts
from accounts.first_visit import leads_to_welcome, welcome
from accounts.home import home
from api import urls as api
from config.health import health
from outbound.mail.bounces import report_urls

urlpatterns = [
    path("", home, name="home"),
    path("welcome/", welcome, name="welcome"),
    path("orgs/<slug:slug>/", include("tasks.urls")),
    path("orgs/", include("membership.urls")),
    path("inbox/", include("inbox.urls")),
    path("invitations/", include("membership.invitation_urls")),
    path("mail/", include("outbound.urls")),
    path("mailbox/", include("outbound.mail.mailbox_urls")),
    path("api/", include("inbox.api_urls")),
    api.router.to_urlpatterns(namespace="v1"),
    path("preferences/", include("outbound.preference_urls")),
    path("", include("outbound.push.urls")),
    *report_urls(),
    # Addresses and names that are older than allauth's; then pages of ours in place of allauth's.
    path("accounts/login/", leads_to_welcome(allauth.login), name="login"),
    path("accounts/logout/", require_POST(allauth.logout), name="logout"),
    path("accounts/password_change/", allauth.password_change, name="password_change"),
    path("accounts/signup/", accounts.SignUpView.as_view(), name="account_signup"),
    path("accounts/signup/confirm/", accounts.ConfirmSignUpView.as_view(), name="account_confirm_sign_up"),
    path(
        "accounts/confirm-email/",
        accounts.ConfirmAddressView.as_view(),
        name="account_email_verification_sent",
    ),
    path(
        "accounts/password/reset/confirm/",
        accounts.ConfirmResetView.as_view(),
        name="account_confirm_password_reset_code",
    ),
    path(
        "accounts/password/reset/complete/",
        accounts.NewPasswordView.as_view(),
        name="account_complete_password_reset",
    ),
    path("accounts/sessions/", include("accounts.session_urls")),
    path("accounts/oidc/<provider_id>/login/", single_sign_on.begin, name="openid_connect_login"),
    path(
        "accounts/oidc/<provider_id>/login/callback/", single_sign_on.finish, name="openid_connect_callback"
    ),
    path("", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health, name="health"),
]

handler400 = "config.errors.bad_request"
handler403 = "config.errors.not_allowed"
handler404 = "config.errors.not_found"
handler429 = "accounts.guessing.refuse"  # allauth's own name for it
handler500 = "config.errors.server_error"
