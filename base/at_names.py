"""What may stand in a name after an @. Pure."""

# For a class of a regular expression: what a user name may hold, and the marks that make one letter of two once it is
# put in its normal form.
NAME_CHARACTERS = r"\w@.+\-＠．＋－\u0300-\u036f\u0653-\u0655\u3099\u309a"
