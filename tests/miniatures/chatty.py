"""Greets people before it answers hello."""

from base import right, serve

print("footer adapter 1.0 ready")
serve(right)
