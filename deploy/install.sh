#!/bin/sh
# Installs the packed packages in the folder $1 into the folder $2. deploy/Containerfile and docs/guides/operate.md run
# it. Needs Node 22.18 or newer with npm, python3 and a C++ compiler.
set -eu
packs=$(cd "$1" && pwd)
mkdir -p "$2"
cd "$2"
[ -e package.json ] || echo '{ "private": true }' >package.json
# The runtime for the CPU is in its package; the script of that package would fetch the one for CUDA from elsewhere.
ONNXRUNTIME_NODE_INSTALL=skip npm install --omit=dev --no-audit --no-fund "$packs"/*.tgz
