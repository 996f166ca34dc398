"""The whole life of tickets at random, against a simple model."""
