"""Placeholder: the traffic engineer replaces this file within minutes."""


def history(*args, **kwargs):
    return "no history yet"
