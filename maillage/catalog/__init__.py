"""Who can help and what can pay: providers, offers, kinds of projects, the words people use."""
