#!/bin/sh
# write.sh BUILDAH DRIVER FROM TO: pulls the image `layer` of an OCI layout into a storage in this folder, and pushes it into another
# layout.
set -eu
folder=$(dirname "$0")
run() {
    "$BUILDAH" --root "$PWD/root" --runroot "$PWD/run" --storage-driver "$DRIVER" --registries-conf /dev/null "$@"
}
BUILDAH=$1
DRIVER=$2
id=$(run pull --quiet --signature-policy "$folder/policy.json" "oci:$3:layer")
run push --quiet --signature-policy "$folder/policy.json" --compression-format zstd:chunked "$id" "oci:$4:layer"
