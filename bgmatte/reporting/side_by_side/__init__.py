"""Two studies on one page. No torch."""
