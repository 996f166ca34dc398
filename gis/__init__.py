"""Shapes and places: which grid a point lies in, and how outlines are loaded, simplified and drawn.

Knows no tickets, no Flask and no database.
"""
