"""One module per publisher or kind of file: raw bytes to rows of the ledger."""
