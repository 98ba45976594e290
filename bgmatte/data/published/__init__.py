"""Real data sets that users bring: the layouts in which they are published, an index of each copy, and reading at random."""

from bgmatte.data.published.entries import SPLITS, Entry, Index, read_index
from bgmatte.data.published.indexing import index
from bgmatte.data.published.pictures import open_all, open_published, open_published_backgrounds
from bgmatte.data.published.shards import write_shards
from bgmatte.data.published.verifying import Verified, verify

__all__ = [
    "SPLITS",
    "Entry",
    "Index",
    "Verified",
    "index",
    "open_all",
    "open_published",
    "open_published_backgrounds",
    "read_index",
    "verify",
    "write_shards",
]
