module chunkproof.example/kit

go 1.21
