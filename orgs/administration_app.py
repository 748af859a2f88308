"""Django's administration with our site; a module of its own, for Django reads it before any model."""

from django.contrib.admin.apps import AdminConfig


class AdministrationConfig(AdminConfig):
    default_site = "orgs.administration.Administration"
