"""A county's own files: read, checked row by row, mended where that was chosen, and made an edition of outlines.

Nothing here knows a database or a ticket; a file that is no such file is refused with `gis.errors.Unreadable`, and
whatever is wrong with what is in it is a `Fault` of a `Survey`.
"""

from gis.importing.fields import OURS
from gis.importing.picture import picture
from gis.importing.records import Choices, Column, Fault, Guess, LayerFound, Outline, Present, Survey, Tell
from gis.importing.report import faults_workbook
from gis.importing.surveying import survey
from gis.importing.words import SHORT

__all__ = [
    "OURS",
    "SHORT",
    "Choices",
    "Column",
    "Fault",
    "Guess",
    "LayerFound",
    "Outline",
    "Present",
    "Survey",
    "Tell",
    "faults_workbook",
    "picture",
    "survey",
]
