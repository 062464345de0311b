#!/bin/bash -eu
# Builds every fuzz target into $OUT, with its seeds, dictionary and options, as OSS-Fuzz and ClusterFuzzLite want them.
#
# It runs in the image of the Dockerfile beside it, or wherever else the variables of these engines are set: $SRC with the
# repository as $SRC/chunkproof, $OUT, $SANITIZER and $FUZZING_ENGINE. `.ci/run` does that.

if [ "$FUZZING_ENGINE" != libfuzzer ]; then
  echo "the targets are built on libFuzzer, not on $FUZZING_ENGINE" >&2
  exit 1
fi
case $SANITIZER in
  address) sanitizer=address ;;
  # For coverage the image's cargo builds without a sanitizer, whatever is asked for.
  coverage | none) sanitizer=none ;;
  *)
    echo "cargo-fuzz has no sanitizer $SANITIZER" >&2
    exit 1
    ;;
esac

# The crate cc gives the sanitizer to libFuzzer and libzstd as well. They take three times as long to build then, and libFuzzer
# watches itself. The engines set flags of their own.
export CFLAGS=${CFLAGS--fno-sanitize=address} CXXFLAGS=${CXXFLAGS--fno-sanitize=address}

cd "$SRC/chunkproof"
# Debug assertions check for overflow, in the libraries below as well.
cargo fuzz build -O --debug-assertions --sanitizer "$sanitizer" --codegen-units "${FUZZ_CODEGEN_UNITS:-1}"

host=$(rustc -vV | sed -n 's/^host: //p')
for target in $(cargo fuzz list); do
  cp "fuzz/target/$host/release/$target" "$OUT/"
  cp "fuzz/$target.options" "$OUT/"
  # Names of seeds are digests of their content, so that folders can be thrown together.
  rm -f "$OUT/${target}_seed_corpus.zip"
  zip --quiet --recurse-paths --junk-paths "$OUT/${target}_seed_corpus.zip" "corpus/$target"
done
# Some targets share one: their options name it.
cp fuzz/*.dict "$OUT/"

# A package of its own, which needs Go. Its inputs begin with the cases that are compiled in, so it has no seeds. It is off until long
# runs find nothing that is not listed: what it finds is not of the change that is tested.
if [ "${FUZZ_GO:-no}" = yes ]; then
  cargo fuzz build --fuzz-dir fuzz/go-peers --target-dir fuzz/target -O --debug-assertions --sanitizer "$sanitizer" \
    --codegen-units "${FUZZ_CODEGEN_UNITS:-1}"
  cp "fuzz/target/$host/release/go-peers" fuzz/go-peers.options "$OUT/"
fi
