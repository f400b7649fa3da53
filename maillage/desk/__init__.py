"""The desk (guichet): a need is oriented; later, a request is carried until someone answers."""
