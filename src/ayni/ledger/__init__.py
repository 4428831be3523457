"""Origins, flows and observations on disk, with prices, series and corrections."""
