"""Django with django-notifications-hq and nothing else."""

import os

import environ

SECRET_KEY = os.environ["SECRET_KEY"]
DATABASES = {"default": environ.Env.db_url_config(os.environ["DATABASE_URL"])}
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "notifications"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
