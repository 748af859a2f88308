"""Addresses of the mailbox."""

from django.urls import path

from outbound.mail import mailbox_views

app_name = "mailbox"

urlpatterns = [
    path("", mailbox_views.mail_list, name="list"),
    path("now/", mailbox_views.make_now, name="now"),
    path("<slug:name>/", mailbox_views.mail_page, name="mail"),
    path("<slug:name>/html/", mailbox_views.mail_html, name="html"),
]
