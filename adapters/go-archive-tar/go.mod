module go-archive-tar

go 1.22

require chunkproof.example/kit v0.0.0

replace chunkproof.example/kit => ../kit/go
