"""Papers made from a plan: PDF, ODS, ODT."""
