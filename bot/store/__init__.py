"""What must outlive the process, on SQLite or PostgreSQL."""
