"""Has no operation."""

from base import HELLO, right, serve

serve(right, {**HELLO, "ops": {}})
