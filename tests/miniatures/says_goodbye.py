"""Prints a word for people when its input has ended."""

from base import right, serve

serve(right)
print("42 requests served")
