"""What communes have done, with what it cost and who paid: « Ils l'ont fait »."""
