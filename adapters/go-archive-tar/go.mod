module go-archive-tar

go 1.22
