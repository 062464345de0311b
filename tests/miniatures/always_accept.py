"""Accepts everything, with one output."""

from base import accept, serve

serve(lambda request: accept((100, 50, 90), None))
