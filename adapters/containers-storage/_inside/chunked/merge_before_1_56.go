//go:build before_1_56 && !before_1_46

package chunked

func (c *chunkedDiffer) chunkproofMerge(toc *ChunkproofTOC) error {
	_, _, err := c.mergeTocEntries(c.fileType, toc.Entries)
	return err
}
