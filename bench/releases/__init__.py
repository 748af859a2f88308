"""Releases as operators get them: made, unpacked, installed, tried, and one taken after the other under load."""
