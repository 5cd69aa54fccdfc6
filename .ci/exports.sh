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
# The rest of the exports' tests need no other program: `cargo test` runs them.
VITALS_TEST_PYTHON="$scratch/venv/bin/python" cargo test --locked --test it -- \
  export::other_programs_read_the_same_rows export::every_observation_passes_the_models_of_fhir |
  tee "$scratch/tests"
grep -q ' 2 passed' "$scratch/tests"
