module example.invalid/chunkproof/vectors

go 1.23
