"""Who is told what: an inbox for each user, filled from the event log, and a queue of messages that leave the house."""
