"""What every area stands on. A closed list: nothing is added here because it has no other place."""
