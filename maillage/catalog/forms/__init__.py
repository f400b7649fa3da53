"""Forms of the area, by who fills them."""
