#!/usr/bin/env bash
# Make .venv with the newest Python >= 3.11 on this machine, or say how to get one.
set -euo pipefail
cd "$(dirname "$0")/.."
for candidate in python3.13 python3.12 python3.11 python3 python; do
  if command -v "$candidate" >/dev/null 2>&1 &&
    "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
    if ! "$candidate" -c 'import venv, ensurepip' 2>/dev/null; then
      echo "$candidate has no venv module (Debian, Ubuntu: apt install python3-venv); looking further." >&2
      continue
    fi
    printf '\033[1m==> %s\033[0m\n' "Making .venv with $("$candidate" --version)"
    "$candidate" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r <(
      awk '/^setuptools==/{keep=1} keep{print} keep && !/\\$/{exit}' requirements.txt
    )
    exit 0
  fi
done
echo "Callcart needs Python 3.11, 3.12 or 3.13 with its venv module, and none was found." >&2
echo "Debian 12 or Ubuntu: apt install python3 python3-venv. macOS: brew install python@3.12. Then run make again." >&2
exit 1
