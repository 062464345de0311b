module chunkproof.example/adapters/tar-split

go 1.22.0

require (
	chunkproof.example/kit v0.0.0
	github.com/vbatts/tar-split v0.10.0
)

replace chunkproof.example/kit => ../kit/go
