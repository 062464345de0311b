module chunkproof.example/reports/klauspost-fse-table

go 1.26.0

require github.com/klauspost/compress v1.20.4
