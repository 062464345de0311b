// An adapter between chunkproof and github.com/vbatts/tar-split, the library that made the tar-split format.
//
// It speaks docs/protocol.md.
package main

import chunkproof "chunkproof.example/kit"

type object = chunkproof.Object

// withTarSplit are the dialects that have a tar-split.
var withTarSplit = []string{"g3", "g4", "g5"}

func main() {
	adapter := chunkproof.New("tar-split", chunkproof.ModuleVersion("github.com/vbatts/tar-split"))
	adapter.Operation("tarsplit/parse", withTarSplit, parse)
	adapter.Operation("tarsplit/assemble", withTarSplit, assemble)
	adapter.Operation("tarsplit/disassemble", withTarSplit, disassemble)
	adapter.Run()
}
