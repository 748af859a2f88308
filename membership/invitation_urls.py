"""Addresses of a person's own invitations. None holds a secret: who may see one is asked of who is signed in."""

from django.urls import path

from membership import invitation_views as views

app_name = "invitations"

urlpatterns = [
    path("", views.own, name="list"),
    path("<id:invitation_id>/", views.one, name="one"),
    path("<id:invitation_id>/accept/", views.accept, name="accept"),
    path("<id:invitation_id>/decline/", views.decline, name="decline"),
]
