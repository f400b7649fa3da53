"""The examples in the docstrings of the engine are true."""

import doctest
import importlib
import pkgutil

import pytest

import maillage.engine

MODULES = [f"maillage.engine.{m.name}" for m in pkgutil.iter_modules(maillage.engine.__path__)]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0
