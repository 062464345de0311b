"""Declares its dialects for all operations at once."""

from base import HELLO, right, serve

serve(right, {**HELLO, "ops": ["footer/parse"], "dialects": ["g4", "g5"]})
