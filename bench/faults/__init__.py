"""The fault matrix: what breaks, and what every socket shows all the same. `make faults` and `make soak` run it."""
