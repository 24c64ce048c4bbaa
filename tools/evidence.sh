#!/bin/sh
# Every training behind docs/results.md, three seeds; the pages land in OUT/pages. Usage: evidence.sh DATA OUT
# Two halves side by side, each on one core: about seven hours. Stopped, it goes on where it was: give the same line again.
set -eu
data=$1 out=$2
pages="$out/pages"
mkdir -p "$pages"

ours() {
    python -m research.zeroshot --data "$data" --out "$out" --steps 12000 --table "$pages/zeroshot"
    for steps in 1500 3000 6000; do
        python -m research.zeroshot --data "$data" --out "$out" --protocols bd --seeds 0 --steps "$steps" --table "$pages/zeroshot"
    done
    python -m research.places --data "$data" --out "$out/places" --page "$pages/places.md"
    python -m research.leave_one_kind_out --data "$data" --out "$out/kinds" --steps 300 --limit 150 --page "$pages/leave-one-kind-out.md"
    whole_trainings 12000 "$out/whole-12000" --method syntumor --method anatpaste
}

others() {
    python -m research.head_to_head --data "$data" --out "$out/head-to-head"
    python -m research.head_to_head_table "$out/head-to-head" --page "$pages/head-to-head.md" --picture "$pages/head-to-head.png"
    whole_trainings 6000 "$out/whole-6000" --method default --method syntumor --method anatpaste --method paper
}

# Usage: whole_trainings STEPS FOLDER METHODS; the default cut to parts is one of them.
whole_trainings() {
    steps=$1 folder=$2
    shift 2
    python -m research.head_to_head --data "$data" --out "$folder" --whole --steps "$steps" "$@"
    if [ -e "$out/runs/default-b-$steps-2" ]; then
        mkdir -p "$folder/runs"  # trained already, for the first table
        for seed in 0 1 2; do ln -sfn "../../runs/default-b-$steps-$seed" "$folder/runs/default-parts-$seed"; done
    fi
    python -m research.head_to_head --data "$data" --out "$folder" --whole --steps "$steps" --method default --parts
    python -m research.head_to_head_table "$folder" --ours default-parts --page "$pages/whole-trainings-$steps.md"
}

ours & first=$!
others & second=$!
trap 'trap - TERM; kill 0' INT TERM  # a stop ends both halves
failed=
wait "$first" || failed=yes
wait "$second" || failed=yes
[ -z "$failed" ] || { echo "not done: the last lines of $out/log.txt and $out/*/log.txt say why" >&2; exit 1; }
echo "Tables: $pages"
