"""Records leave for other tools: as rows of a format, in a file of any table type, or in a directory laid out for a tool."""

from seodang.exports.directories import lay_out
from seodang.exports.exporting import Choice, ExportReport, export

__all__ = ["Choice", "ExportReport", "export", "lay_out"]
