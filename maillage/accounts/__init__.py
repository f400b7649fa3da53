"""People, the bodies they belong to, and the mandates by which they may act, with dates."""
