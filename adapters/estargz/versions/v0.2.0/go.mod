module chunkproof.example/adapters/estargz

go 1.22

require (
	github.com/containerd/stargz-snapshotter v0.2.0
	github.com/opencontainers/go-digest v1.0.0
)

require (
	chunkproof.example/kit v0.0.0
	github.com/hashicorp/errwrap v1.0.0 // indirect
	github.com/hashicorp/go-multierror v1.0.0 // indirect
	github.com/pkg/errors v0.9.1 // indirect
	golang.org/x/sync v0.0.0-20200625203802-6e8e738ad208 // indirect
)

replace chunkproof.example/kit => ../kit/go
