"""Say it: a dossier as a page in each language, with every number open to its source."""
