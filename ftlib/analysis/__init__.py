"""Closed forms beside measured numbers."""
