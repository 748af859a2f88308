"""The shapes of the API, which its document names by the names of their classes."""

from collections import defaultdict
from importlib import import_module
from pkgutil import iter_modules

import msgspec

import api


def test_no_two_structs_have_one_name():
    """In the document the later would take the place of the earlier, without a word."""
    named = defaultdict(set)
    for found in iter_modules(api.__path__, "api."):
        if not found.ispkg:
            for each in vars(import_module(found.name)).values():
                if isinstance(each, type) and issubclass(each, msgspec.Struct):
                    named[each.__name__].add(each.__module__)
    assert len(named) > 50
    assert {name: modules for name, modules in named.items() if len(modules) > 1} == {}
