"""Bringing a county's own files in: its map (grids) and its people (workers).

An import is a job in a process of its own (`python -m command_center.imports`): a coordinator that knows the
database, and below it a reader that opens the strange file and knows nothing else. First comes a dry run with a
report; only `apply` changes anything, in one transaction.
"""
