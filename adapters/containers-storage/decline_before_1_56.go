//go:build before_1_56

package main

// The library has no error that means to download the layer in full: its caller does so after any.
func isDecline(error) bool { return false }
