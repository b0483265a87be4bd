package localaws

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// formType is the content type of the Query protocol, which the JSON services do not speak, and S3 only in uploads by browsers.
const formType = "application/x-www-form-urlencoded"

// maxForm bounds a call of the Query protocol; a real one has a hundred bytes.
const maxForm = 64 << 10

// identity is STS as far as a client needs it to know whose account it is in: GetCallerIdentity, of version 2011-06-15 in the Query protocol.
// Whoever asks is the account itself.
type identity struct{ account string }

func (identity) serves(r *http.Request) bool {
	return r.Method == http.MethodPost && r.URL.Path == "/" && strings.HasPrefix(r.Header.Get("Content-Type"), formType)
}

type callerIdentity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

type queryError struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func (i identity) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxForm))
	form, wrong := url.ParseQuery(string(body))
	if err != nil || wrong != nil {
		i.write(w, http.StatusBadRequest, queryError{Type: "Sender", Code: "MalformedInput", Message: "The request is no form."})
		return
	}
	if action := form.Get("Action"); action != "GetCallerIdentity" {
		i.write(w, http.StatusBadRequest, queryError{
			Type: "Sender", Code: "InvalidAction", Message: fmt.Sprintf("weir: the embedded AWS serves Kinesis, DynamoDB, S3 and GetCallerIdentity of STS, and not %s.", action),
			RequestID: rand.Text(),
		})
		return
	}
	i.write(w, http.StatusOK, callerIdentity{
		Arn: "arn:aws:iam::" + i.account + ":root", UserID: i.account, Account: i.account, RequestID: rand.Text(),
	})
}

func (identity) write(w http.ResponseWriter, status int, answer any) {
	var body bytes.Buffer
	// An answer of strings can always be written.
	_ = xml.NewEncoder(&body).Encode(answer)
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes())
}
