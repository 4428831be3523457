"""One module per design: a question and a ledger to an effect with its checks."""
