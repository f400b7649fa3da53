"""The public contract. No table of its own."""
