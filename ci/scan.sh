#!/usr/bin/env bash
# The scan of ../action.yml: the gate's words, the reports, and the exit code for the steps that follow.
# Given by the environment: CHARTLIFT, PATHS and ARGUMENTS (one a line), BASELINE (empty: no gate), OUT.
set -uo pipefail

mapfile -t paths < <(grep -v '^[[:space:]]*$' <<<"$PATHS")
mapfile -t arguments < <(grep -v '^[[:space:]]*$' <<<"${ARGUMENTS:-}")
gate=()
if [ -n "${BASELINE:-}" ]; then
  gate=(--check --baseline "$BASELINE")
fi

mkdir -p "$OUT"
"$CHARTLIFT" scan "${paths[@]}" "${gate[@]}" "${arguments[@]}" \
  --report "$OUT/report.md" --report "$OUT/report.sarif" | tee "$OUT/scan.txt"
echo "code=${PIPESTATUS[0]}" >>"$GITHUB_OUTPUT"

if [ -n "${BASELINE:-}" ]; then
  sed -nE 's/^([^:]+):([0-9]+): (.+)$/::error file=\1,line=\2::new reference: \3/p' "$OUT/scan.txt"
fi
if [ -f "$OUT/report.md" ]; then
  echo "report=$OUT/report.md" >>"$GITHUB_OUTPUT"
  cat "$OUT/report.md" >>"$GITHUB_STEP_SUMMARY"
fi
