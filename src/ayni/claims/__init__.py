"""Named numbers, graded links and the rules that judge claims."""
