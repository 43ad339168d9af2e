"""What licences and terms of use ask, and an objection where a recipe wants a licence that its sources, teachers or bases do not allow.

The facts are data (`terms.toml`), shared with every plugin that has a file of this form. This informs; it is no legal advice.
"""

from __future__ import annotations

import seodang


@seodang.hookimpl
def review_plan(plan: seodang.Plan) -> list[seodang.Objection]:
    """Nothing is said, and no library loaded, where the recipe wants neither a licence nor commercial use."""
    if not (plan.license or plan.commercial):
        return []
    from seodang_terms.review import objections

    return objections(plan)
