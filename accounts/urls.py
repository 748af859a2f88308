"""Addresses of one's own account that are not allauth's, and of people's pictures."""

from django.urls import path

from accounts import closing, profile_views, service_pages, token_pages

app_name = "accounts"

urlpatterns = [
    path("accounts/profile/", profile_views.profile_page, name="profile"),
    path("accounts/profile/picture/", profile_views.picture_change, name="picture-change"),
    path("accounts/profile/picture/remove/", profile_views.picture_remove, name="picture-remove"),
    path("accounts/tokens/", token_pages.token_list, name="tokens"),
    path("accounts/tokens/new/", token_pages.token_make, name="token-new"),
    path("accounts/tokens/<id:pk>/revoke/", token_pages.token_revoke, name="token-revoke"),
    path("orgs/<slug:slug>/service-accounts/", service_pages.service_list, name="service-accounts"),
    path(
        "orgs/<slug:slug>/service-accounts/<id:user_id>/tokens/new/",
        service_pages.token_make,
        name="service-token-new",
    ),
    path(
        "orgs/<slug:slug>/service-accounts/<id:user_id>/tokens/<id:pk>/revoke/",
        service_pages.token_revoke,
        name="service-token-revoke",
    ),
    path("accounts/close/", closing.closing_page, name="close"),
    path("accounts/close/export/", closing.export, name="export"),
    path("accounts/closed/", closing.closed_page, name="closed"),
    path("people/<id:user_id>/<slug:digest>.webp", profile_views.picture, name="picture"),
]
