#!/usr/bin/env bash
# What a newcomer does, from nothing but Rust: clone, the README's two commands, register, ask three of its
# questions. Everything happens in an empty directory that is removed afterwards.
#   .ci/fresh-install.sh            everything
#   .ci/fresh-install.sh --quick    without `cargo test`, which .ci/run has run
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
git clone --quiet "$source" "$scratch/vitals-mcp"
cd "$scratch/vitals-mcp"
export VITALS_HOME="$scratch/home" VITALS_SYNC_INTERVAL=off
cargo run --release --locked --quiet -- demo >"$scratch/demo.txt"
grep -q 'total_sleep_time' "$scratch/demo.txt"
cargo install --path . --locked --quiet --root "$scratch/installed"
[ "${1:-}" = --quick ] || cargo test --locked
python3 .ci/fresh_install.py "$scratch/installed/bin/vitals-mcp" "$scratch"
echo "1 passed, 0 failed"
