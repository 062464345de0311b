"""Declares other dialects in one operation than in the other, and the cases are about neither of them."""

from base import HELLO, right, serve

serve(right, {**HELLO, "ops": {"footer/parse": ["g1"], "toc/parse": ["g4", "g5"]}})
