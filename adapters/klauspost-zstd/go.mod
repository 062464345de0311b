module chunkproof-adapter

go 1.25

require (
	chunkproof.example/kit v0.0.0
	github.com/klauspost/compress v1.20.4
)

replace chunkproof.example/kit => ../kit/go
