package localaws

import (
	"encoding/xml"
	"net/http"
	"strings"

	"weir/internal/localaws/wire"
)

// objects is S3, by gofakes3 (https://github.com/johannesboyne/gofakes3), behind the fault hook.
//
// Deviations: gofakes3's own; no signature is checked, and nothing throttles. A call's operation is told from its method and its query: GetObject,
// HeadObject, PutObject, DeleteObject, ListObjects, HeadBucket, CreateBucket, DeleteBucket and ListBuckets, and the name of the method for
// others. A partial fault serves the call whole.
func objects(next http.Handler, fault Fault) http.Handler {
	if fault == nil {
		return next
	}
	return wire.Faulty(next, fault, objectCall, refuseObject)
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
	names := map[string]string{
		"GET Object": "GetObject", "HEAD Object": "HeadObject", "PUT Object": "PutObject", "DELETE Object": "DeleteObject", "GET Bucket": "ListObjects",
		"HEAD Bucket": "HeadBucket", "PUT Bucket": "CreateBucket", "DELETE Bucket": "DeleteBucket", "GET Buckets": "ListBuckets",
	}
	call.Operation = names[r.Method+" "+place]
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
