"""Count tables: the one thing that engines produce and statistics read."""

from infostat.counts.batches import read_batches, tabulate_batches
from infostat.counts.clusters import (
    ClusteredTable,
    tabulate_clusters,
    tabulate_pairs,
)
from infostat.counts.partition import Partition
from infostat.counts.table import CountTable
from infostat.counts.tabulate import tabulate

__all__ = [
    "ClusteredTable",
    "CountTable",
    "Partition",
    "read_batches",
    "tabulate",
    "tabulate_batches",
    "tabulate_clusters",
    "tabulate_pairs",
]
