module chunkproof.example/reports/tar-split-pax-record-length

go 1.26.0

require github.com/vbatts/tar-split v0.12.3
