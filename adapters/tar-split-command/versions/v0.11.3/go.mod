module example.org/tar-split-command

go 1.24.0

tool github.com/vbatts/tar-split/cmd/tar-split

require (
	github.com/cpuguy83/go-md2man/v2 v2.0.2 // indirect
	github.com/russross/blackfriday/v2 v2.1.0 // indirect
	github.com/sirupsen/logrus v1.9.0 // indirect
	github.com/urfave/cli v1.22.12 // indirect
	github.com/vbatts/tar-split v0.11.3 // indirect
	golang.org/x/sys v0.0.0-20220906165534-d0df966e6959 // indirect
)
