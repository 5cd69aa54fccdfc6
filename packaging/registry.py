#!/usr/bin/env python3
"""Fills server.json with the bundles of a release: registry.py DIRECTORY REPOSITORY TAG > server.json

DIRECTORY holds the .mcpb files. Their addresses and hashes are what the MCP registry checks.
"""

import hashlib
import json
import pathlib
import sys


def main():
    directory, repository, tag = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    server = json.loads((pathlib.Path(__file__).parent / "server.json").read_text())
    version = tag.removeprefix("v")
    server["version"] = version
    server["repository"]["url"] = f"https://github.com/{repository}"
    owner = repository.split("/")[0].lower()
    server["name"] = f"io.github.{owner}/vitals-mcp"
    server["packages"] = [
        {
            "registryType": "mcpb",
            "identifier": f"https://github.com/{repository}/releases/download/{tag}/{bundle.name}",
            "fileSha256": hashlib.sha256(bundle.read_bytes()).hexdigest(),
            "version": version,
            "transport": {"type": "stdio"},
        }
        for bundle in sorted(directory.glob("*.mcpb"))
    ]
    if not server["packages"]:
        sys.exit(f"no .mcpb in {directory}")
    json.dump(server, sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
