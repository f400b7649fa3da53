"""The projects of communes: what they want to do, and where it stands."""
