#!/bin/bash
# Runs all shards of a job as a Slurm array: one task per shard, at most 50 at a time. Submit it from a folder that all nodes can reach
# and where allpairs is installed (npm install allpairs). All nodes must also be able to reach the job and its rows.
#
#   npx allpairs plan embeddings.npy --top-k 10 --shards 400 -o job/
#   id=$(sbatch --parsable slurm-array.sh job/)
#   sbatch --dependency=afterok:"$id" --kill-on-invalid-dep=yes --wrap 'npx allpairs merge job/ -o nearest.parquet'
#
# To run only the missing shards, as `npx allpairs status job/` prints them:
#
#   sbatch --array=0-16,18 slurm-array.sh job/

#SBATCH --job-name=allpairs
#SBATCH --array=0-399%50
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=01:00:00
#SBATCH --requeue

JOB=${1:?usage: sbatch slurm-array.sh JOB}

# --no makes npx fail if allpairs is not installed; otherwise 400 tasks would install it. Node and its libraries keep 512 MiB.
npx --no -- allpairs run-shard "$JOB" --threads "$SLURM_CPUS_PER_TASK" --memory "$((SLURM_MEM_PER_NODE - 512))MiB"
