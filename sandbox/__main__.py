"""`python -m sandbox` serves one (`sandbox.stagegate.serve`); `python -m sandbox fail` lets its calls fail."""

from __future__ import annotations

import sys

from sandbox.stagegate import fail, serve

if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(fail.main(given[1:]) if given[:1] == ["fail"] else serve.main(given))
