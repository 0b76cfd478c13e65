#!/bin/sh
# The install and update hook of the Helm plugin (../plugin.yaml): chartlift in an environment of its own.
set -eu

home=${HELM_PLUGIN_DIR:-$(cd "$(dirname "$0")/.." && pwd)}
python=
for candidate in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
  if "$candidate" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "chartlift needs Python 3.11 or newer with venv; set PYTHON to it and install the plugin again" >&2
  exit 1
fi

"$python" -m venv --clear "$home/.helm-plugin"
pip="$home/.helm-plugin/bin/python -m pip install --quiet --disable-pip-version-check"
# Helm in process has no wheel for every platform; without it `--helm "$(command -v helm)"` renders.
$pip "$home[helm]" || $pip "$home"
