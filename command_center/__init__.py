"""The core of the command center: regions, people, categories, deadlines, tickets, escalation, events."""
