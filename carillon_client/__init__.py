"""Carillon for programs, over the public API alone. It needs nothing of the product.

client = Client("https://tasks.example.com", token)
for frame in follow_log(client, "acme", after=kept):
    ...  # deal with it, then keep frame["cursor"]
"""

from carillon_client.client import Client
from carillon_client.following import AnotherHistory, follow_inbox, follow_log
from carillon_client.problems import Problem, Unreachable

__all__ = ["AnotherHistory", "Client", "Problem", "Unreachable", "follow_inbox", "follow_log"]
