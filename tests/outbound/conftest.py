"""A mail server, the product told of it, and people whose addresses are confirmed."""

import pytest
from allauth.account.models import EmailAddress

from config.mail_servers import mail
from servers.mail import MailServer


@pytest.fixture
def mail_server(settings):
    with MailServer() as server:
        told_of(server.url, settings)
        yield server


def told_of(url, settings):
    """Have the settings say what MAIL_URL would."""
    settings.MAIL_IS_ON, settings.EMAIL_BACKEND = True, mail(url).backend
    for name, value in mail(url).settings.items():
        setattr(settings, name, value)


def confirmed(user, address=""):
    EmailAddress.objects.create(user=user, email=address or user.email, primary=True, verified=True)
    return user
