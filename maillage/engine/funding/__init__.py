"""Financing plans: dated rules of law, checks that explain, best plans, cash flow. Pure."""
