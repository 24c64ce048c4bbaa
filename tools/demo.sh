#!/bin/sh
# The whole chain on phantoms: build, look, train, bring in unseen phantoms, score, report. Usage: demo.sh FOLDER
set -eu
out=${1:-demo}
rm -rf "$out"
mkdir -p "$out"
artasyn-synth build phantom:240 "$out/store" --tag train
artasyn-synth gallery "$out/store@train" "$out/gallery.png"
artasyn-synth ingest phantom:60 "$out/store" --tag test
artasyn-train fit "$out/store@train" "$out/run" --minutes 2
artasyn-train show "$out/run"
artasyn-eval score "$out/run" "$out/store@test" --report "$out/report"
echo
echo "Open the report: $out/report/report.html"
echo "Then look around: artasyn-synth explore $out/store@train"
