#!/bin/sh
# Installs Debian's nginx without starting it, for the test of several copies. Needs root; does nothing when it is there.
set -eu
command -v nginx >/dev/null 2>&1 && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends nginx-light
