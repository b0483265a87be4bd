package md5lanes

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestTheSumsAreThoseOfTheStandardLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		messages := make([][]byte, rapid.IntRange(0, 3*Lanes).Draw(t, "messages"))
		texts := make([]string, len(messages))
		for i := range messages {
			messages[i] = bytes.Repeat(rapid.SliceOfN(rapid.Byte(), 0, 130).Draw(t, "message"), rapid.IntRange(1, 9).Draw(t, "times"))
			texts[i] = string(messages[i])
		}
		sums, ofTexts := make([][md5.Size]byte, len(messages)), make([][md5.Size]byte, len(messages))
		Sum(sums, messages)
		Sum(ofTexts, texts)
		for i := range messages {
			if want := md5.Sum(messages[i]); sums[i] != want || ofTexts[i] != want {
				t.Fatalf("message %d of %d bytes: %x and %x, want %x", i, len(messages[i]), sums[i], ofTexts[i], want)
			}
		}
	})
}

func TestEachLengthOfAMessageEndsInItsOwnBlocks(t *testing.T) {
	messages := make([]string, 4*md5.BlockSize)
	for i := range messages {
		messages[i] = string(bytes.Repeat([]byte{'x'}, i))
	}
	sums := make([][md5.Size]byte, len(messages))
	Sum(sums, messages)
	for i := range messages {
		if want := md5.Sum([]byte(messages[i])); sums[i] != want {
			t.Errorf("%d bytes: %x, want %x", i, sums[i], want)
		}
	}
}

// BenchmarkSum is beside crypto/md5: of 256 partition keys, and of 16 KPL aggregates.
func BenchmarkSum(b *testing.B) {
	for _, of := range []struct {
		name      string
		n, length int
	}{{"keys", 256, 12}, {"aggregates", 16, 51_200}, {"one-aggregate", 1, 51_200}, {"two-aggregates", 2, 51_200}} {
		messages := make([]string, of.n)
		for i := range messages {
			messages[i] = fmt.Sprintf("%0*d", of.length, i)
		}
		sums := make([][md5.Size]byte, of.n)
		b.Run(of.name+"/by=lanes", func(b *testing.B) {
			b.SetBytes(int64(of.n * of.length))
			for b.Loop() {
				Sum(sums, messages)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*of.n), "ns/message")
		})
		b.Run(of.name+"/by=crypto-md5", func(b *testing.B) {
			b.SetBytes(int64(of.n * of.length))
			for b.Loop() {
				for i := range messages {
					sums[i] = md5.Sum([]byte(messages[i]))
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*of.n), "ns/message")
		})
	}
}
