#!/bin/bash -eu
# ClusterFuzzLite builds what OSS-Fuzz builds.
exec bash -eu "$SRC/chunkproof/fuzz/oss-fuzz/build.sh"
