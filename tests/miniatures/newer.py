"""Speaks a version of the protocol that does not exist yet."""

from base import HELLO, right, serve

serve(right, {"chunkproof": 1, "can": ["footer/parse"], **HELLO})
