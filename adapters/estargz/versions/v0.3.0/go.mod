module chunkproof.example/adapters/estargz

go 1.22

require (
	github.com/containerd/stargz-snapshotter/estargz v0.3.0
	github.com/opencontainers/go-digest v1.0.0
)

require (
	chunkproof.example/kit v0.0.0
	github.com/pkg/errors v0.9.1 // indirect
	golang.org/x/sync v0.0.0-20201207232520-09787c993a3a // indirect
)

replace chunkproof.example/kit => ../kit/go
