"""docs/running.md on a bare Debian, line by line: `make try-running`."""
