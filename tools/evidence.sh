#!/bin/sh
# Every training behind docs/results.md, three seeds, one core; the pages land in OUT/pages. Usage: evidence.sh DATA OUT
# About eleven hours. Stopped, it goes on where it was: give the same line again.
set -eu
data=$1 out=$2
pages="$out/pages"
mkdir -p "$pages"
python -m research.zeroshot --data "$data" --out "$out" --steps 12000 --table "$pages/zeroshot"
for steps in 1500 3000 6000; do
    python -m research.zeroshot --data "$data" --out "$out" --protocols bd --seeds 0 --steps "$steps" --table "$pages/zeroshot"
done
python -m research.head_to_head --data "$data" --out "$out/head-to-head"
python -m research.head_to_head_table "$out/head-to-head" --page "$pages/head-to-head.md" --picture "$pages/head-to-head.png"
python -m research.head_to_head --data "$data" --out "$out/whole" --whole --method default --method syntumor --method anatpaste --method paper
python -m research.head_to_head --data "$data" --out "$out/whole" --whole --method default --parts
python -m research.head_to_head_table "$out/whole" --ours default-parts --page "$pages/whole-trainings.md"
python -m research.places --data "$data" --out "$out/places" --page "$pages/places.md"
python -m research.leave_one_kind_out --data "$data" --out "$out/kinds" --steps 300 --limit 150 --page "$pages/leave-one-kind-out.md"
echo "Tables: $pages"
