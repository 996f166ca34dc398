"""The parts of `gis.synthesize`: how made-up outlines grow that look like land.

Nothing at run time imports this package; it is kept so that anyone can see, and repeat, how the files
in `data/geometry/` came to be.
"""
