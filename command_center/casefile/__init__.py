"""The case file (档案) of one ticket as PDF: `collect` reads it, `render` draws it in a process of its own.

`contents` is the border between the two: plain data, worded already, so that drawing knows no database.
"""
