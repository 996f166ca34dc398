"""What is left when servers are killed at random, or when everybody presses the same button at once."""
