"""Reference facts, each with its source, and the scripts that rebuild them."""
