"""Has a bug that an exception gives away, in every case."""

from base import serve

serve(lambda request: request["no such key"])
