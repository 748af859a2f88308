"""Addresses of an organization's webhooks."""

from django.urls import path

from webhooks import views

app_name = "webhooks"

urlpatterns = [
    path("<slug:slug>/webhooks/", views.webhook_list, name="list"),
    path("<slug:slug>/webhooks/new/", views.webhook_create, name="create"),
    path("<slug:slug>/webhooks/<id:number>/", views.webhook_detail, name="detail"),
    path("<slug:slug>/webhooks/<id:number>/edit/", views.webhook_edit, name="edit"),
    path("<slug:slug>/webhooks/<id:number>/pause/", views.webhook_pause, name="pause"),
    path("<slug:slug>/webhooks/<id:number>/resume/", views.webhook_resume, name="resume"),
    path("<slug:slug>/webhooks/<id:number>/remove/", views.webhook_remove, name="remove"),
    path("<slug:slug>/webhooks/<id:number>/secret/", views.webhook_secret, name="secret"),
    path("<slug:slug>/webhooks/<id:number>/secret/end/", views.webhook_secret_end, name="secret-end"),
    path("<slug:slug>/webhooks/<id:number>/test/", views.webhook_test, name="test"),
    path(
        "<slug:slug>/webhooks/<id:number>/deliveries/<id:delivery_id>/replay/",
        views.webhook_replay,
        name="replay",
    ),
]
