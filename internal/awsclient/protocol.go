package awsclient

import (
	"bytes"
	"context"
	"io"

	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"weir/internal/buffers"
)

// kinesisProtocol is the SDK's JSON protocol with a quicker way for the three bodies that hold records: at full speed the SDK's own
// codec took over a fifth of a run. It knows the form in which AWS and clients write them, and leaves all else to the SDK: what one of
// them makes of a body, the other makes of it, too.
type kinesisProtocol struct {
	smithyhttp.ClientProtocol
	bodies *buffers.Pool // of requests and answers
}

func withRecordsCodec(o *kinesis.Options) {
	bodies := new(buffers.Pool)
	o.Protocol = kinesisProtocol{o.Protocol, bodies}
	o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
		return stack.Initialize.Add(lendBody{bodies}, middleware.Before)
	})
}

// SerializeRequest has the SDK make the request, and puts a body of its own in.
func (p kinesisProtocol) SerializeRequest(ctx context.Context, schema *smithy.OperationSchema, in smithy.Serializable, request *smithyhttp.Request) error {
	put, ok := in.(*kinesis.PutRecordsInput)
	if !ok {
		return p.ClientProtocol.SerializeRequest(ctx, schema, in, request)
	}
	size, ok := putRecordsSize(put)
	body, lent := ctx.Value(bodyKey{}).(*requestBody)
	if !ok || !lent {
		return p.ClientProtocol.SerializeRequest(ctx, schema, in, request)
	}
	if err := p.ClientProtocol.SerializeRequest(ctx, schema, &kinesis.PutRecordsInput{}, request); err != nil {
		return err
	}
	buffer := p.bodies.Get(size)
	buffer.Bytes = appendPutRecords(buffer.Bytes, put)
	body.fill(buffer)
	filled, err := request.SetStream(body)
	if err != nil {
		return err
	}
	*request = *filled
	return nil
}

// DeserializeResponse reads the answers that hold records, and has the SDK read what is not as expected.
func (p kinesisProtocol) DeserializeResponse(
	ctx context.Context, schema *smithy.OperationSchema, types *smithy.TypeRegistry, response *smithyhttp.Response, out smithy.Deserializable,
) error {
	read := recordsReader(out)
	if read == nil || response.StatusCode < 200 || response.StatusCode >= 300 {
		return p.ClientProtocol.DeserializeResponse(ctx, schema, types, response, out)
	}
	body := p.bodies.Get(int(min(max(response.ContentLength, 0), maxWholeBody)) + bytes.MinRead)
	defer p.bodies.Put(body)
	whole := bytes.NewBuffer(body.Bytes)
	n, err := whole.ReadFrom(response.Body)
	body.Bytes = whole.Bytes()
	if err == nil && n < response.ContentLength {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	if read(body.Bytes) {
		return nil
	}
	response.Body = io.NopCloser(bytes.NewReader(bytes.Clone(body.Bytes)))
	return p.ClientProtocol.DeserializeResponse(ctx, schema, types, response, out)
}

// maxWholeBody bounds what is allocated at the word of a header: 10 MiB of records (GetRecords) in base64, and what is about them.
const maxWholeBody = 32 << 20
