"""Measurements: what delivery costs and survives, here and elsewhere. The product imports nothing from here."""
