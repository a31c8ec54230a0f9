"""Everything that is kept: rows, queries, transactions, encryption. Rows stay in here; frozen domain values come out."""
