#!/bin/sh
# Trains CMUNeXt-S for some epochs from the same weights, with the same cases in the same order: with the managed engine, and with libtorch
# on two threads and on one, which rounding alone tells apart. Prints the three validation curves side by side.
# usage: benchmarks/compare-curves.sh DATA TRAIN_LIST VAL_LIST OUTPUT [EPOCHS]
set -eu
cd "$(dirname "$0")/.."
data=$1 train=$2 val=$3 output=$4 epochs=${5:-10}
for run in managed:2 torch:2 torch:1; do
    ./cmunext train --data "$data" --train "$train" --val "$val" --model cmunext-s --epochs "$epochs" \
        --backend "${run%:*}" --threads "${run#*:}" --output "$output/${run%:*}-${run#*:}"
done
echo "epoch,managed_loss,managed_iou,torch_2_threads_loss,torch_2_threads_iou,torch_1_thread_loss,torch_1_thread_iou"
for i in $(seq 2 $((epochs + 1))); do
    line=$((i - 2))
    for run in managed-2 torch-2 torch-1; do
        line=$line,$(sed -n "${i}p" "$output/$run/metrics.csv" | cut -d, -f4,5)
    done
    echo "$line"
done
