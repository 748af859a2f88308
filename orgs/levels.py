"""How much of an organization's log a member asked to be told of. Pure: `orgs.models` has the words for people."""

ALL = "all"
PARTICIPATING = "participating"  # only what concerns them
MUTED = "muted"  # only what singles them out
