"""One source -> Facts. The only place that imports libcst."""
