"""``python -m tthc.cli``: the same as ``tthc``, where no script was installed."""

from __future__ import annotations

import sys

from tthc.cli import main

sys.exit(main())
