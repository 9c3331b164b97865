#!/usr/bin/env bash
# Pin every dependency with its hashes, without saying where it comes from. Run after changing pyproject.toml.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { echo "setuptools>=68" | .venv/bin/uv pip compile pyproject.toml - "$@" --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-annotate --no-header --quiet; }
compile --output-file requirements.txt
compile --extra dev --output-file requirements-dev.txt
echo "requirements.txt and requirements-dev.txt are written."
