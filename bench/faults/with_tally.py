"""The product's settings with one follower more."""

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as OF_THE_PRODUCT

INSTALLED_APPS = [*OF_THE_PRODUCT, "bench.faults.tally_app.TallyConfig"]
