"""A view that does nothing, under the product's server and settings: what a page costs before anybody has written it.

`/bare/` goes through the product's middleware, `/bare/alone/` through none.
"""
