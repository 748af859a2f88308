"""The colours of labels, in pages."""

from django import template

from tasks.labels import tint

register = template.Library()
register.filter("tint", tint)
