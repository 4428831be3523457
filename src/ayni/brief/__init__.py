"""Say it: tables, charts, prose, page, audio and exports."""
