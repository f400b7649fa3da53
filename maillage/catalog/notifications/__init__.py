"""What the catalogue tells people, by subject. Importing the package registers every message."""
