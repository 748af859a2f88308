"""Addresses of the notifications page and of the acts on it."""

from django.urls import path

from inbox import bell_page, mark_views, views

app_name = "inbox"

urlpatterns = [
    path("", views.notification_list, name="list"),
    path("bell/", bell_page.bell, name="bell"),
    path("mark/", mark_views.mark, name="mark"),
    path("<id:event_id>/", views.notification_open, name="open"),
]
