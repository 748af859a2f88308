"""Measurements: what delivery and rebuilding cost and survive. The product imports nothing from here."""
