//go:build !before_1_51

package chunked

// chunkproofIsHandedOut is whether the caller of ApplyDiff gets the TOC, in the state in which mergeTocEntries left it.
const chunkproofIsHandedOut = true
