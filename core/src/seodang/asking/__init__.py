"""How a lesson asks: keys, questions under way, groups, packs of texts, the stop."""
