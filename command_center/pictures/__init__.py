"""Pictures of the county (专题图).

What is asked for is an `Order`, what is counted becomes a `gis.picture.Picture`, and `render` lets a process of its own
draw it as a page, a PNG or a PDF.
"""
