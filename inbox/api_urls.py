"""Addresses of the API."""

from django.urls import path

from inbox import api

app_name = "api"

urlpatterns = [
    path("orgs/<slug:slug>/notifications/", api.org_notifications, name="org-notifications"),
    path("users/me/notifications/", api.user_notifications, name="user-notifications"),
]
