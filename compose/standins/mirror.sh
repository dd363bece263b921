#!/bin/bash
# Prints the Debian mirror this machine uses: no host is named in any file.
set -euo pipefail
# shellcheck disable=SC2016 # it is apt that expands it
apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | awk '/\/debian\/?$/ && !found++'
