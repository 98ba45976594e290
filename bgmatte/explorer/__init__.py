"""What a selector sees: a picture matted once, patches chosen by hand or by rule, in JupyterLab or as a dashboard.

`session` decides everything and knows no widgets; `panel` is what a hand moves, `viewer` what it looks at.
"""

STILL = "BGMATTE_STILL"  # environment variable: set where a notebook is executed and nobody will move anything
