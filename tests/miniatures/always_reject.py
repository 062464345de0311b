"""Rejects everything."""

from base import reject, serve

serve(lambda request: reject("no"))
