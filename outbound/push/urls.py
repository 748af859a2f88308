"""Addresses of desktop push."""

from django.urls import path

from outbound.push import views

app_name = "push"

urlpatterns = [
    path("push/subscribe/", views.subscribe, name="subscribe"),
    path("push/renew/", views.renew, name="renew"),
    path("push/unsubscribe/", views.unsubscribe, name="unsubscribe"),
    path("push/read/", views.read, name="read"),
    # At the root: a service worker has the pages below its own address.
    path("service-worker.js", views.service_worker, name="service_worker"),
]
