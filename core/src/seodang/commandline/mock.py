"""`seodang mock …`: local servers that speak a vendor's real wire format, with faults. Plugins bring them."""

import click

from seodang.wording import render

command = click.Group("mock", help=render("commandline.mock", {}))
