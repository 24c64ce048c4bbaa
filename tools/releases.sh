#!/bin/sh
# The chain on phantoms and a part of the tests with other releases than those of constraints.txt, in an environment
# of its own. Usage: releases.sh FOLDER PYTHON lowest-direct|highest (the oldest or newest that pyproject.toml allows)
set -eu
folder=$1 python=$2 resolution=$3
extras="--extra synth --extra explore --extra train --extra eval --extra bucket --extra dicom"
# Export wants a torch that is newer than what all else runs with.
[ "$resolution" = lowest-direct ] || extras="$extras --extra onnx"
mkdir -p "$folder"
python3 -m venv "$folder/uv"
"$folder/uv/bin/pip" install --quiet uv
uv=$folder/uv/bin/uv
"$uv" pip compile --quiet --resolution "$resolution" $extras --python "$python" pyproject.toml -o "$folder/releases.txt"
"$uv" venv --quiet --clear --python "$python" "$folder/environment"
bin=$folder/environment/bin
"$uv" pip install --quiet --python "$bin/python" -r "$folder/releases.txt" pytest hypothesis scikit-learn
"$uv" pip install --quiet --python "$bin/python" --no-deps --reinstall-package artasyn .

cat > "$folder/small.toml" <<'TOML'
data = { studies = 2 }
schedule = { steps = 20 }
loop = { log_every = 10, validate_every = 10, checkpoint_every = 10, pictures = 0 }
TOML
rm -rf "$folder/store" "$folder/run" "$folder/report"
"$bin/artasyn-synth" build phantom:12 "$folder/store" --size 64 --workers 2 --tag train
"$bin/artasyn-synth" ingest phantom:24 "$folder/store" --size 64 --workers 0 --tag test
"$bin/artasyn-synth" verify "$folder/store@train"
"$bin/artasyn-train" fit "$folder/store@train" "$folder/run" --preset "$folder/small.toml" --device cpu
"$bin/artasyn-eval" score "$folder/run" "$folder/store@test" --report "$folder/report" --workers 2
[ "$resolution" = lowest-direct ] || "$bin/artasyn-eval" export "$folder/run" "$folder/run.onnx"
# Newer releases warn of what they will change: told, not an error here.
"$bin/python" -m pytest --quiet -o filterwarnings=default -m "not slow and not radiographs" \
    tests/data_manifests tests/synth/build tests/train/fitting tests/eval/test_figures.py tests/eval/scoring
echo "held on $("$bin/python" --version) with the releases of $folder/releases.txt"
