"""The fault matrix on a cluster: the same sockets, writers and checker, and machines that go."""
