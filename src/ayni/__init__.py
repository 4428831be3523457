"""What cooperation between two countries bought, for both sides, and how far each claim is carried."""

__version__ = "2026.11.0"
