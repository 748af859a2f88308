"""A second subject of the log, as an app brings one: orders. docs/subjects.md shows it."""
