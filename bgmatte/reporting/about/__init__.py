"""What stands around the answers: setting, data, cost, provenance, limits, glossary, all pictures. No torch."""
