"""How much of an organization's log a member asked to be told of. Pure: `orgs.models` has the words for people."""

ALL = "all"
PARTICIPATING = "participating"  # only what concerns them
MINE = "mine"  # of that only what they take part in, not what they merely watch
WATCHED = "watched"  # of that only what they watch
MUTED = "muted"  # only what singles them out
