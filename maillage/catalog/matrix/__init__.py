"""« Qui fait quoi »: the matrix of a territory, named leads, differences between days, papers."""
