"""Answers rightly."""

from base import right, serve

serve(right)
