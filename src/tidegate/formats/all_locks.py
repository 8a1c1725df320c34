"""The table of lockfile formats tidegate reads."""

from tidegate.formats.locks import package_lock, poetry, pylock, requirements, uv

READERS = (uv, poetry, pylock, requirements, package_lock)
