"""Pages of the filing: from « Déposer ma demande » to the receipt."""
