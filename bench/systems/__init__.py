"""What is compared. Each system gets the same events and gives the same frame to each socket of a crowd."""
