"""What grows with what: constants measured on this machine, a model made of them, and a load that tries it."""
