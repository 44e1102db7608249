#!/bin/sh
# Installs the packed packages in the folder $1 into the folder $2. deploy/Containerfile and docs/guides/operate.md run
# it. Needs Node 22.18 or newer with npm, python3 and a C++ compiler.
set -eu
packs=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"
# Which packages may run their install scripts: those whose native part has to be built or chosen. That of
# onnxruntime-node would fetch the runtime for CUDA from elsewhere; the one for the CPU is in the package.
[ -e package.json ] || cat >package.json <<'END'
{
  "private": true,
  "allowScripts": {
    "hnswlib-node": true,
    "secp256k1": true,
    "esbuild": false,
    "onnxruntime-node": false,
    "protobufjs": false
  }
}
END
ONNXRUNTIME_NODE_INSTALL=skip npm install --omit=dev --no-audit --no-fund "$packs"/*.tgz
