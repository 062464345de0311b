"""Declines everything."""

from base import serve

serve(lambda request: {"decline": {"message": "full pull"}})
