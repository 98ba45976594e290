"""The five ablations: answers, findings, and one section each. No torch."""
