"""`carillon doctor`: one sentence for each thing that an installation stands on, and what to do where it is wrong."""
