"""``tthc attach``: files from a folder of scans into a dossier."""

from __future__ import annotations
