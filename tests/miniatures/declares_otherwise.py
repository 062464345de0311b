"""Declares that it decides a choice in another way than it does."""

from base import HELLO, right, serve

serve(right, {**HELLO, "choices": {"declared-length-limit": "reject"}})
