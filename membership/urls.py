"""Addresses of organizations and their members."""

from django.urls import path

from membership import invite_views, views

app_name = "orgs"

urlpatterns = [
    path("", views.organization_list, name="list"),
    path("new/", views.organization_create, name="create"),
    path("<slug:slug>/", views.organization_detail, name="detail"),
    path("<slug:slug>/members/", views.member_list, name="members"),
    path("<slug:slug>/members/invite/", invite_views.invite, name="invite"),
    path(
        "<slug:slug>/members/invitations/<id:invitation_id>/renew/",
        invite_views.renew,
        name="invitation-renew",
    ),
    path(
        "<slug:slug>/members/invitations/<id:invitation_id>/revoke/",
        invite_views.revoke,
        name="invitation-revoke",
    ),
    path("<slug:slug>/members/<id:user_id>/role/", views.member_role, name="member-role"),
    path("<slug:slug>/members/<id:user_id>/remove/", views.member_remove, name="member-remove"),
    path("<slug:slug>/leave/", views.leave, name="leave"),
    path("<slug:slug>/claim/", views.claim, name="claim"),
    path("<slug:slug>/level/", views.level, name="level"),
]
