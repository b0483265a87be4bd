package localaws

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
	"strings"

	"weir/internal/localaws/wire"
)

// objects is S3, by gofakes3 (https://github.com/johannesboyne/gofakes3), behind the fault hook.
//
// Deviations: gofakes3's own; no signature is checked, and nothing throttles. A call's operation is told from its method and its query: GetObject,
// HeadObject, PutObject, DeleteObject, ListObjects, HeadBucket, CreateBucket, DeleteBucket and ListBuckets, and the name of the method for
// others. A partial fault serves the call whole.
func objects(next http.Handler, fault Fault) http.Handler {
	whole := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(&objectAnswer{w}, unchunked(r)) })
	if fault == nil {
		return whole
	}
	return wire.Faulty(whole, fault, objectCall, refuseObject)
}

// unchunked is a request whose body is in chunks of AWS's own, with a checksum behind them, without these, which gofakes3 knows not: the SDKs
// send such bodies over TLS ("Transferring payload in multiple chunks"). The checksum is not compared.
func unchunked(r *http.Request) *http.Request {
	length, err := strconv.ParseInt(r.Header.Get("X-Amz-Decoded-Content-Length"), 10, 64)
	if err != nil || !strings.HasSuffix(r.Header.Get("X-Amz-Content-Sha256"), "-TRAILER") {
		return r
	}
	plain := r.Clone(r.Context())
	plain.Body = struct {
		io.Reader
		io.Closer
	}{httputil.NewChunkedReader(r.Body), r.Body}
	plain.ContentLength = length
	plain.Header.Set("Content-Length", strconv.FormatInt(length, 10))
	plain.Header.Del("X-Amz-Content-Sha256")
	plain.Header.Del("Content-Encoding")
	return plain
}

// objectAnswer leaves the checksum of a whole object out of an answer that holds a part of it, where gofakes3 gives it: clients compare it with
// the part. AWS gives none there (API reference, GetObject).
type objectAnswer struct{ http.ResponseWriter }

func (a *objectAnswer) WriteHeader(status int) {
	if status == http.StatusPartialContent {
		header := a.Header()
		for name := range header {
			if strings.HasPrefix(name, "X-Amz-Checksum-") {
				header.Del(name)
			}
		}
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap lets net/http find the connection's deadlines.
func (a *objectAnswer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// objectOperations are the operations by their method and what they are done to.
var objectOperations = map[string]string{
	"GET Object": "GetObject", "HEAD Object": "HeadObject", "PUT Object": "PutObject", "DELETE Object": "DeleteObject", "GET Bucket": "ListObjects",
	"HEAD Bucket": "HeadBucket", "PUT Bucket": "CreateBucket", "DELETE Bucket": "DeleteBucket", "GET Buckets": "ListBuckets",
}

// objectCall is a request of S3 as a call.
func objectCall(r *http.Request) Call {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	call := Call{Service: "s3", Resource: bucket}
	place := "Object"
	switch {
	case bucket == "":
		place = "Buckets"
	case key == "":
		place = "Bucket"
	}
	call.Operation = objectOperations[r.Method+" "+place]
	if call.Operation == "" || r.URL.Query().Has("uploads") || r.URL.Query().Has("uploadId") {
		call.Operation = r.Method
	}
	return call
}

// refuseObject answers with an error as S3 words it.
func refuseObject(w http.ResponseWriter, r *http.Request, refused *wire.Error) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(refused.Status)
	// An error here is a client that has gone, and there is nobody to tell.
	_ = xml.NewEncoder(w).Encode(struct {
		XMLName                 xml.Name `xml:"Error"`
		Code, Message, Resource string
	}{Code: refused.Code, Message: refused.Message, Resource: r.URL.Path})
}
