"""The data pass: which columns of a training table a model could lose, together, by ablation. Nothing heavy is imported until it runs."""

STORED = ".mldebt/features.json"  # in the project root: results that a scan reads
