package wire

import (
	"fmt"
	"net/http"
)

// Error is an error as AWS's JSON protocol shapes it: a status, a code in __type, and a message.
type Error struct {
	Status  int
	Code    string
	Message string
	// Body, if set, is encoded instead of code and message: an error with members of its own carries them there.
	Body any
}

// NewError is an error of the caller's, status 400.
func NewError(code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Code: code, Message: fmt.Sprintf(format, args...)}
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

type errorBody struct {
	Type    string `json:"__type"`
	Message string `json:"message"`
}
