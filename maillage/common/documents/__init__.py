"""Documents that people send: what is accepted, where it is kept, how it is given back."""
