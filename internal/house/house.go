// Package house holds the rules of the repository as tests: who may import whom, and that what the docs say is so.
package house
