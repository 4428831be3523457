"""Official files into a ledger: recognised, read, typed, written; all of a file or nothing of it."""
