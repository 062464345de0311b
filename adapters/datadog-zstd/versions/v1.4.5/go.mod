module chunkproof-adapter

go 1.21

require (
	chunkproof.example/kit v0.0.0
	github.com/DataDog/zstd v1.4.5
)

replace chunkproof.example/kit => ../kit/go
