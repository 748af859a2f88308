"""Addresses of the notifications page."""

from django.urls import path

from inbox import views

app_name = "inbox"

urlpatterns = [
    path("", views.notification_list, name="list"),
    path("mark/", views.mark, name="mark"),
    path("<id:event_id>/", views.notification_open, name="open"),
]
