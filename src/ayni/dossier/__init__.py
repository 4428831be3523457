"""Read a dossier's folder and make its case."""
