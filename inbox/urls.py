"""Addresses of the notifications page and of the acts on it."""

from django.urls import path

from inbox import mark_views, views

app_name = "inbox"

urlpatterns = [
    path("", views.notification_list, name="list"),
    path("mark/", mark_views.mark, name="mark"),
    path("<id:event_id>/", views.notification_open, name="open"),
]
