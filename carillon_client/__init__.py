"""Carillon for programs, over the public API alone. It needs nothing of the product."""
