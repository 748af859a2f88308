"""The product's settings with mail in a hurry, and with processes that die or go wrong where they are told to."""

import os

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as OF_THE_PRODUCT

INSTALLED_APPS = [*OF_THE_PRODUCT, "bench.faults.quick_mail_app.QuickMailConfig"]
EMAIL_TIMEOUT = 1
DIE_AT = os.environ.get("DIE_AT", "")  # one of quick_mail_app.STEPS
CLOCK_OFF = float(os.environ.get("CLOCK_OFF", "0"))  # seconds that this process's clock is ahead
