#!/usr/bin/env bash
# Talks to the built server with public MCP clients: the inspector and the official TypeScript clients (need Node and
# npm) and the official Python client (needs python3 with venv). What is not installed is skipped; registries are asked
# for the rest.
set -euo pipefail
cd "$(dirname "$0")/.."

program=${1:-target/debug/vitals-mcp}
[ -x "$program" ] || cargo build --locked
program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export VITALS_HOME="$scratch/home" VITALS_SYNC_INTERVAL=off

"$program" demo >/dev/null 2>&1

if command -v npx >/dev/null; then
  for era in legacy modern; do
    npx -y @modelcontextprotocol/inspector@2.12.0 --cli "$program" \
      --method tools/list --strict --format json --protocol-era "$era" \
      >"$scratch/tools.json" 2>"$scratch/complaints"
    # Strict mode fails on a wrong schema; an unportable one is only a warning, which we do not want either.
    if grep -v '^npm ' "$scratch/complaints"; then
      echo "the inspector complains ($era)"
      exit 1
    fi
    echo "inspector, $era: $(wc -c <"$scratch/tools.json") bytes, no complaint"
  done
  mkdir "$scratch/node"
  npm install --silent --no-audit --no-fund --prefix "$scratch/node" \
    @modelcontextprotocol/sdk@1.32.2 @modelcontextprotocol/client@2.4.0 >/dev/null
  node .ci/clients.mjs "$program" "$VITALS_HOME" "$scratch/node"
else
  echo "npx is not installed: the inspector and the TypeScript clients are skipped"
fi

if python3 -m venv "$scratch/venv" >/dev/null 2>&1; then
  "$scratch/venv/bin/pip" install --quiet --disable-pip-version-check mcp==2.3.0
  "$scratch/venv/bin/python" .ci/clients.py "$program" "$VITALS_HOME"
else
  echo "python3 has no venv: the Python client is skipped"
fi
