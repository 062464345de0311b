module chunkproof-adapter

go 1.21

require (
	chunkproof.example/kit v0.0.0
	github.com/klauspost/compress v1.16.3
)

replace chunkproof.example/kit => ../kit/go
