"""Financing plans: the rules as dated data, the plans, what is made from them."""
