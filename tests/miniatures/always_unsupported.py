"""Declares an operation and then cannot do it."""

from base import serve

serve(lambda request: {"unsupported": {"message": "not yet"}})
