"""Deadlines: the working calendar, working-time arithmetic, and a ticket's two clocks."""
