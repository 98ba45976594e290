"""A reproducible study of BackgroundMattingV2: which of its parts carry its quality and its speed?"""

__version__ = "0.1.0"
