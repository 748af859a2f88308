"""Addresses of the notifications page and of the acts on it."""

from django.urls import path

from inbox import bell_page, catch_up_views, choice_views, mark_views, views, why_views

app_name = "inbox"

urlpatterns = [
    path("", views.notification_list, name="list"),
    path("bell/", bell_page.bell, name="bell"),
    path("mark/", mark_views.mark, name="mark"),
    path("mute/", choice_views.mute, name="mute"),
    path("watch/", choice_views.watch, name="watch"),
    path("settings/", choice_views.settings, name="settings"),
    path("catch-up/", catch_up_views.catch_up, name="catch_up"),
    path("<id:event_id>/", views.notification_open, name="open"),
    path("<id:event_id>/why/", why_views.was_told, name="why"),
]
