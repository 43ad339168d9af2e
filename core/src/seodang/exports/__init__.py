"""Formats that records are written to."""

from seodang.exports.exporting import ExportReport, export
from seodang.exports.formats import FORMATS

__all__ = ["FORMATS", "ExportReport", "export"]
