#!/bin/sh
# A bill of materials of what is locked (CycloneDX, build/sbom.cyclonedx.json), then its known vulnerabilities; asks PyPI.
# A dependency that cannot be looked up counts as a failure: silence is no finding.
# Usage, at the top of the repository: deploy/audit.sh [folder of uv and pip-audit, default .venv/bin]
set -eu
bin="${1:-.venv/bin}"
mkdir -p build
"$bin/uv" export --frozen --quiet --preview-features sbom-export --no-dev --format cyclonedx1.5 \
    --output-file build/sbom.cyclonedx.json
echo "build/sbom.cyclonedx.json holds the bill of materials."
"$bin/uv" export --frozen --quiet --no-dev --no-emit-project --format requirements-txt --output-file build/requirements.txt
"$bin/pip-audit" --strict --require-hashes --disable-pip --progress-spinner off --requirement build/requirements.txt
