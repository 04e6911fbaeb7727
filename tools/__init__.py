"""What keeps the course in order: the writer of notebooks, the book's build, the gate. Run as `python -m tools.NAME`."""
