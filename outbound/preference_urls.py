"""Addresses of the page of preferences."""

from django.urls import path

from outbound import preference_pages as pages

app_name = "preferences"

urlpatterns = [
    path("", pages.page, name="page"),
    path("choose/", pages.choose, name="choose"),
    path("as-everywhere/", pages.as_everywhere, name="as_everywhere"),
    path("schedule/", pages.schedule, name="schedule"),
    path("try/", pages.trial, name="try"),
    path("mail-again/", pages.mail_again, name="mail_again"),
]
