"""Addresses that mails lead to."""

from django.urls import path

from outbound.mail import off_views

app_name = "outbound"

urlpatterns = [
    path("off/<str:token>/", off_views.off, name="off"),
    path("on/<str:token>/", off_views.on, name="on"),
]
