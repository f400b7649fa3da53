"""The examples in the docstrings of the engine are true."""

import doctest
import importlib
import pkgutil

import pytest

import maillage.engine

_FOUND = pkgutil.walk_packages(maillage.engine.__path__, "maillage.engine.")
MODULES = [module.name for module in _FOUND]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
