"""Maillage: the tool of the local engineering desk (guichet local de l'ingénierie)."""
