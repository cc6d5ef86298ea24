"""The data pass: which columns of a training table a model could lose, together, by ablation. Nothing heavy is imported until it runs."""
