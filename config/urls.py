"""All addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from config.health import health

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="orgs:list"), name="home"),
    path("orgs/<slug:slug>/tasks/", include("tasks.urls")),
    path("orgs/", include("orgs.urls")),
    path("inbox/", include("inbox.urls")),
    path("api/", include("inbox.api_urls")),
    path("accounts/", include("django.contrib.auth.urls")),
    path("admin/", admin.site.urls),
    path("healthz", health, name="health"),
]

handler500 = "config.errors.server_error"
