// Package interop has real clients meet the embedded AWS: those that people use with AWS itself, at versions that are pinned here. Its tests need Java 17,
// Maven, Python 3, Node and the package registries of each, and put what they download into .interop; see docs/interop.md.
package interop
