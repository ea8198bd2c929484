#!/bin/bash
# All shards of a job as a Slurm array: one task a shard, at most 50 at a time. `allpairs` is installed where this is submitted
# (npm install allpairs), in a folder that all nodes see, as they see the job and its rows.
#
#   npx allpairs plan embeddings.npy --top-k 10 --shards 400 -o job/
#   id=$(sbatch --parsable slurm-array.sh job/)
#   sbatch --dependency=afterok:"$id" --kill-on-invalid-dep=yes --wrap 'npx allpairs merge job/ -o nearest.parquet'
#
# Only the shards that are missing, as `npx allpairs status job/` prints them:
#
#   sbatch --array=0-16,18 slurm-array.sh job/

#SBATCH --job-name=allpairs
#SBATCH --array=0-399%50
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=01:00:00
#SBATCH --requeue

JOB=${1:?usage: sbatch slurm-array.sh JOB}

# --no: what is not installed here fails at once, or 400 tasks would install it. 512 MiB are left to Node and its libraries.
npx --no -- allpairs run-shard "$JOB" --threads "$SLURM_CPUS_PER_TASK" --memory "$((SLURM_MEM_PER_NODE - 512))MiB"
