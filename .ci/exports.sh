#!/usr/bin/env bash
# Reads exports with other programs: pandas, pyarrow, DuckDB and the FHIR models. Needs Python and its registry;
# where they cannot be had it says so and is no failure.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
packages=(pandas==3.1.1 pyarrow==26.0.1 duckdb==2.0.1 pytz fhir.resources==8.3.0)
if ! python3 -m venv "$scratch/venv" || ! "$scratch/venv/bin/pip" install --quiet "${packages[@]}"; then
  echo "skipped: no Python, or its packages cannot be installed (${packages[*]})"
  exit 0
fi
VITALS_TEST_PYTHON="$scratch/venv/bin/python" cargo test --locked --test it export::
