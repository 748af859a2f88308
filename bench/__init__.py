"""Measurements, and the data that they need. Nothing of the product imports it."""
