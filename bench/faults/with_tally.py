"""The product's settings with one follower more, and mail in a hurry."""

from bench.faults.quick_mail import *  # noqa: F403
from bench.faults.quick_mail import INSTALLED_APPS as QUICK

INSTALLED_APPS = [*QUICK, "bench.faults.tally_app.TallyConfig"]
