"""The usual way to send notifications over Channels, for comparison: one consumer and one channel for each socket, a
group for each organization, a `group_send` in the middle of the writing transaction, best effort.

`uvicorn bench.naive.asgi:application` serves it, with DJANGO_SETTINGS_MODULE=bench.naive.settings, on the product's
database, pages and addresses. Tasks are written through the same pages, or in a process with these settings through
`tasks.services.execute`; either way they are announced as `bench/naive/announce.py` does it.
"""
