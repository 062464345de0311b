module chunkproof.example/adapters/tar-split

go 1.22.0

require github.com/vbatts/tar-split v0.9.7
