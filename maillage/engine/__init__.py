"""The domain in pure Python: understand a need, filter, rank by subsidiarity, explain.

Nothing here knows Django, the database, the clock or the network: what is needed
is given as arguments, and what is answered is a frozen dataclass of `types.py`.
"""
