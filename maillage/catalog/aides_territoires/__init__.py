"""Aides-territoires, live: its public API, read each night into a data set of the catalogue.

``client`` speaks the API (two versions), ``labels`` and ``perimeters`` turn words into our codes by
tables kept as data, ``backers`` finds who pays, ``reading`` makes a line of import of one aid, and
``run`` pages through, compares and writes by the pipeline of the imports.
"""
