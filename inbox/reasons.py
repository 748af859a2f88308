"""Why somebody is told, strongest first: where several hold, the first one is given. Pure: `inbox.models` has the words
for people.
"""

MENTIONED = "mentioned"  # this very event mentions them
ASSIGNED = "assigned"  # this very event gives them the task
UNASSIGNED = "unassigned"  # this very event takes it from them
ASSIGNEE = "assignee"
CREATOR = "creator"
PARTICIPANT = "participant"  # commented, or was mentioned earlier
WATCHING = "watching"
ORG = "org"

# What reaches even a member who muted the organization.
DIRECT = frozenset({MENTIONED, ASSIGNED})
