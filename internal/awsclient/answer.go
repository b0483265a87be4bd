package awsclient

import (
	"encoding/json"
	"strconv"
	"unsafe"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"

	"weir/internal/jsonscan"
)

// recordsReader reads the body of an answer that holds records into out, which it leaves as it is where it says false, and keeps nothing
// of the body. It is nil for other answers.
func recordsReader(out smithy.Deserializable) func(body []byte) bool {
	switch out := out.(type) {
	case *kinesis.GetRecordsOutput:
		return func(body []byte) bool { return readGetRecords(body, out) }
	case *kinesis.PutRecordsOutput:
		return func(body []byte) bool { return readPutRecords(body, out) }
	}
	return nil
}

// answer is a body that is read in one pass. Its methods say false where something else stands than they take.
type answer struct {
	*jsonscan.Scan
	keeper
}

func newAnswer(body []byte) answer {
	return answer{jsonscan.New(body), keeper{blocks: min(len(body), maxBlock)}}
}

// members takes an object: member takes the value of each name. A null is passed over, as a member that is absent.
func (a *answer) members(member func(name string) bool) bool {
	return a.Object(func(name string) bool { return a.Null() || member(name) })
}

// text takes a string, and keeps it.
func (a *answer) text(to **string) bool {
	text, ok := a.Unescaped()
	if ok {
		*to = a.keepText(text)
	}
	return ok
}

// repeated takes a string, and keeps it if it is another than the one that is there.
func (a *answer) repeated(to **string) bool {
	text, ok := a.Unescaped()
	if ok {
		a.keepRepeated(to, text)
	}
	return ok
}

// keepRepeated keeps a text if it is another than the one that is there.
func (a *answer) keepRepeated(to **string, text []byte) {
	if *to == nil || **to != string(text) {
		*to = a.keepText(text)
	}
}

// integer takes a number of so many bits.
func (a *answer) integer(bits int) (n int64, ok bool) {
	token, ok := a.Number()
	if !ok || !json.Valid(token) {
		return 0, false
	}
	n, err := strconv.ParseInt(string(token), 10, bits)
	return n, err == nil
}

// keeper copies what is kept of a body, many pieces in one allocation.
type keeper struct {
	blocks  int // the size of a block
	block   []byte
	strings []string
}

// maxBlock bounds the memory that one record, kept, keeps with it.
const maxBlock = 64 << 10

// room is empty memory for a piece, to be given back with [keeper.keep].
func (k *keeper) room(size int) []byte {
	if cap(k.block)-len(k.block) < size {
		k.block = make([]byte, 0, max(size, k.blocks))
	}
	return k.block[len(k.block):]
}

// keep takes the piece that was written into the room.
func (k *keeper) keep(piece []byte) []byte {
	k.block = k.block[:len(k.block)+len(piece)]
	return piece[:len(piece):len(piece)]
}

// keepText copies a string, and gives it a place that can be pointed to.
func (k *keeper) keepText(text []byte) *string {
	if len(k.strings) == 0 {
		k.strings = make([]string, 512)
	}
	p := &k.strings[0]
	k.strings = k.strings[1:]
	kept := k.keep(append(k.room(len(text)), text...))
	*p = unsafe.String(unsafe.SliceData(kept), len(kept))
	return p
}
