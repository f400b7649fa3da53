"""The papers of the desk: what is printed (PDF) and what is finished by hand (ODT, ODS)."""
