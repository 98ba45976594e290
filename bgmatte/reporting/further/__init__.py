"""Questions beyond the plan, from the same records: numbers, words and a section for each. No torch."""
