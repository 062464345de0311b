module chunkproof-adapter

go 1.21

require github.com/klauspost/compress v1.17.8
