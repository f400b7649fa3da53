"""The words: kinds of projects, thesaurus, what people say, and what was not understood."""
