"""Goes on when its input has ended."""

import time

from base import right, serve

serve(right)
time.sleep(1000)
