#!/bin/sh
# Writes the hash-locked requirement files. No index address is recorded in them.
set -eu
uv=${1:-uv}
cd "$(dirname "$0")/.."
compile() {
    out=$1
    shift
    "$uv" pip compile --quiet --universal --generate-hashes --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@" --output-file "requirements/$out"
}
compile core.txt pyproject.toml
compile demo.txt pyproject.toml --extra demo --group assets --group build
compile dev.txt pyproject.toml --extra demo --group dev
echo "uv" | compile uv.txt -
# What builds the one dependency that comes as source, Spark: locked as well.
echo "setuptools" | compile build.txt -
