package attribute

// Invalid is why DynamoDB refuses a value, an expression or a request: the message of a ValidationException, in AWS's own
// words, so it starts with a capital and stands alone.
type Invalid string

// Error is the message.
func (i Invalid) Error() string { return string(i) }
